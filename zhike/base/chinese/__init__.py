"""What a Chinese CRM must know by heart: credit codes, phones, capitals, pinyin, names, places.

Pure functions without tables; each module says where its data comes from.
"""
