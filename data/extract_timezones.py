"""Writes data/timezones.csv: the rule that each IANA time zone follows from now on (the POSIX TZ text at the end of its
compiled file). Usage: python3 data/extract_timezones.py > data/timezones.csv
Source: the IANA time zone database as the system's tzdata package ships it (public domain)."""
import pathlib
import zoneinfo

ROOT = pathlib.Path(next(path for path in zoneinfo.TZPATH if pathlib.Path(path).is_dir()))


def release():
    head = (ROOT / "tzdata.zi").read_text(encoding="utf-8").splitlines()[0]
    return head.removeprefix("# version ")


print(f"# IANA time zone database {release()}, made by data/extract_timezones.py")
print("zone;rule")
for zone in sorted(zoneinfo.available_timezones()):
    rule = (ROOT / zone).read_bytes().rsplit(b"\n", 2)[1].decode("ascii")
    if rule and zone != "localtime":
        print(f"{zone};{rule}")
