select * from {{ source('silver', 'finance_ledger') }}
