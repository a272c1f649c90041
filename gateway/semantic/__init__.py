"""The semantic layer: the contract that says which marts may be asked, and what their columns mean.

model.py       the contract as values             load.py       from YAML, every problem at once
check.py       whether it holds together          cache.py      its validated form, for quick starts
request.py     a query in the contract's words    compile.py    that query as SQL
lint.py        contract against database          publish.py    what others read of it
"""
