def sort_key(name, person=False):
    return name
