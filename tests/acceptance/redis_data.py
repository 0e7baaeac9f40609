"""What is moved in the tests of Redis, and reading it from a server to see whether it arrived."""
from redis_pair import Refused


def fill(server, keys=3000, db=0):
    """Every type in every encoding that the server has, odd names, times to live, groups with pending entries."""
    session = server.connect(db=db)
    big = 600  # items: more than any compact encoding holds
    commands = [("SET", "int", 42), ("SET", "raw", b"\x00\xff\r\n" * 50), ("SET", "empty", ""), ("SET", b"odd \x00\xfe key", "v"),
                ("SET", "", "the empty name"), ("SETRANGE", "long", 300_000, "end"), ("SETBIT", "bits", 9999, 1), ("PFADD", "hll", "a", "b"),
                ("RPUSH", "list", *range(10)), ("RPUSH", "quicklist", *["x" * 100 + str(i) for i in range(big)]),
                ("SADD", "intset", *range(50)), ("SADD", "members", *[f"m{i}" for i in range(20)]), ("SADD", "hashtable", *[f"m{i}" for i in range(big)]),
                ("HSET", "listpack", "a", 1, "b", 2), ("HSET", "hash", *[word for i in range(big) for word in (f"f{i}", i)]),
                ("ZADD", "zlistpack", "1.5", "a", "-inf", "b", "+inf", "c", "0.1", "d", "3.0000000000000004", "e"),
                ("ZADD", "skiplist", *[word for i in range(big) for word in (i / 7, f"m{i}")]), ("GEOADD", "geo", "13.361389", "38.115556", "Palermo")]
    commands += [("XADD", "stream", f"{i}-1", "n", i, "text", "x" * 20) for i in range(1, 301)]
    commands += [("XGROUP", "CREATE", "stream", "readers", "0"), ("XREADGROUP", "GROUP", "readers", "ann", "COUNT", 5, "STREAMS", "stream", ">"),
                 ("XREADGROUP", "GROUP", "readers", "bob", "COUNT", 3, "STREAMS", "stream", ">"), ("XACK", "stream", "readers", "2-1"),
                 ("XGROUP", "CREATECONSUMER", "stream", "readers", "idle"), ("XDEL", "stream", "3-1", "300-1"),
                 ("XADD", "drained", "5-0", "a", "b"), ("XDEL", "drained", "5-0"), ("XGROUP", "CREATE", "fresh", "g", "$", "MKSTREAM")]
    # Names and values that a snapshot writes in a way of their own: as numbers, and compressed.
    commands += [("SET", name, value) for name, value in ((12, -7), (-129, 70_000), (2 ** 40, 2 ** 62), ("007", "0x7"), ("name " * 60, "word " * 400), ("n" * 40, "z" * 40))]
    commands += [("SADD", "intset of 64 bits", 1, 2 ** 33, -2 ** 62), ("RPUSH", "big items", "a" * 20_000, "small", bytes(range(256)) * 100),
                 ("PFADD", "hll dense", *range(5000)), ("HSET", "hash of long values", "f", "v" * 500, b"\x00\xff", "bytes"),
                 ("SETRANGE", "wide bits", 20_000, b"\x01\x80")]
    commands += [("SET", f"key:{i}", f"value {i}") for i in range(keys)]
    commands += [("PEXPIREAT", f"key:{i}", 4_000_000_000_000 + i) for i in range(0, keys, 3)]
    commands += [("PEXPIREAT", name, 3_999_999_999_999) for name in ("hash", "stream", "quicklist")]
    refusals = [answer for answer in session.pipeline(commands) if isinstance(answer, Refused)]
    assert not refusals, refusals
    session.close()


ENCODINGS = {b"int", b"embstr", b"raw", b"listpack", b"quicklist", b"intset", b"hashtable", b"skiplist", b"stream"}  # of version 7.0


def encodings(server):
    session = server.connect()
    found = set(session.pipeline([("OBJECT", "ENCODING", key) for key in session("KEYS", "*")]))
    session.close()
    return found


def expiries(server, db=0):
    session = server.connect(db=db)
    keys = session("KEYS", "*")
    times = dict(zip(keys, session.pipeline([("PEXPIRETIME", key) for key in keys])))
    session.close()
    return times


def times_left(server):
    """Of versions before 7.0: when each key expires, by the server's own clock, to the millisecond or one off."""
    session, times = server.connect(), {}
    for key in session("KEYS", "*"):
        session("MULTI")
        session("PTTL", key)
        session("TIME")
        left, (seconds, micros) = session("EXEC")
        times[key] = left if left < 0 else left + int(seconds) * 1000 + int(micros) // 1000
    session.close()
    return times


READ = {"string": ("GET",), "list": ("LRANGE", 0, -1), "hash": ("HGETALL",), "set": ("SMEMBERS",), "zset": ("ZRANGE", 0, -1, "WITHSCORES"),
        "stream": ("XRANGE", "-", "+")}


def content(server):
    """All keys by the commands of their types, in an order that no version changes."""
    session, held = server.connect(), {}
    for key in session("KEYS", "*"):
        kind = session("TYPE", key)
        command, *words = READ[kind]
        value = session(command, key, *words)
        if kind == "set":
            value = sorted(value)
        elif kind in ("hash", "zset"):
            value = sorted(zip(value[::2], map(float, value[1::2]) if kind == "zset" else value[1::2]))
        elif kind == "stream":
            groups = [dict(zip(group[::2], group[1::2])) for group in session("XINFO", "GROUPS", key)]
            pending = [[row[:2] + row[3:] for row in session("XPENDING", key, group[b"name"], "-", "+", 1000)] for group in groups]
            about = session("XINFO", "STREAM", key)
            value = [value, [[group[word] for word in (b"name", b"consumers", b"pending", b"last-delivered-id")] for group in groups], pending,
                     dict(zip(about[::2], about[1::2]))[b"last-generated-id"]]
        held[key] = (kind, value)
    session.close()
    return held


def same(pair, databases=(0,)):
    """By the servers' own digest, and every time to live to the millisecond."""
    assert pair.source.digest() == pair.target.digest() != "0" * 40
    for db in databases:
        assert expiries(pair.source, db) == expiries(pair.target, db)
