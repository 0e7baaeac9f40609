// Reads statements that NUL bytes divide, prints a line for each: 1 when sqlparser-rs reads it as Redshift's SQL, else 0.
use sqlparser::dialect::RedshiftSqlDialect;
use sqlparser::parser::Parser;
use std::io::{self, Read, Write};

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).expect("statements in UTF-8");
    let mut out = io::stdout().lock();
    for statement in text.split('\0').filter(|s| !s.is_empty()) {
        let read = std::panic::catch_unwind(|| Parser::parse_sql(&RedshiftSqlDialect {}, statement).is_ok());
        writeln!(out, "{}", u8::from(read.unwrap_or(false))).expect("a reader");
    }
}
