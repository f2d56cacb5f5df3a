from jinja2 import Environment


def environment(**options):
    return Environment(extensions=["jinja2.ext.i18n"], **options)
