import sys

print('exporting', sys.argv[1:])
