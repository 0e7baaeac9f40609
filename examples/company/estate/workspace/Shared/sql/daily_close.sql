SELECT count(*) FROM gold.finance_ledger WHERE business_date = current_date()
