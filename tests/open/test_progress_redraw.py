# belongs to tests/acceptance/test_command_line.py


def test_progress_is_redrawn_only_on_a_terminal(moved):
    env = {k: v for k, v in moved.env.items() if k.startswith("LAKESHIFT_")}
    code, text = on_a_terminal(["--dir", str(moved.dir), "discover"], env=env)
    assert code in (0, 3) and "done in" in re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", text)
    assert ESCAPE + "[J" in text
    done = moved.run("discover", ok=(0, 3))
    assert "done in" in done.stderr and done.stderr.count("\n") < 40
