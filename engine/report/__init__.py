"""`main.py report`: what the styles need, play and cost, in one page that is readable on its own.

facts.py measures a style, page.py tells it, picture.py paints it.
"""
