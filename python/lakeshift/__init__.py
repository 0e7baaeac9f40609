"""Redshift SQL to Databricks SQL. What cannot be said with the same meaning is refused, never guessed."""
from ._translate import Finding, RefusedError, Rule, Statement, Translator, translate, version

__version__ = version()
__all__ = ["Finding", "RefusedError", "Rule", "Statement", "Translator", "__version__", "translate", "version"]
