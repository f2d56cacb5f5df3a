def core(name):
    return name


def same_region(a, b):
    return True
