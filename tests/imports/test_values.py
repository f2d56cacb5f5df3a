"""Numbers, dates, yes and no as files write them: sure, or refused with the reason."""

import pytest

from zhike.customers.models import Contact

from .conftest import outcome


def test_values_of_every_type(folder, make):
    folder.plan("""
name = "test"
[files.rows]
path = "rows.csv"
null = ["NULL", "N/A"]
[[section]]
name = "products"
kind = "product"
file = "rows"
key = "{code}"
[section.fields]
code = "{code}"
name = "{name}"
list_price = "{price}"
standard_cost = { from = "{cost}", round = 2 }
enabled = "{on}"
""")
    folder.write("rows.csv", 'code,name,price,cost,on\nＡＢ-1,Lathe,"1,234.50",0.125,是\nP2,Mill,¥１２３４,NULL,no\n'
                 'P3,Saw,"1.234,50",1,yes\nP4,Saw,1e309,1,yes\nP5,Saw,1,1,maybe\nP6,Saw,1.2345678,1,yes\nP7,Saw,NaN,1,yes\n'
                 'P8,Saw,10000000000000000,1,yes\n')
    done, rows = folder.one()
    assert outcome(done) == {"created": 2, "failed": 6}
    from zhike.products.models import Product

    lathe, mill = Product.objects.get(code="AB-1"), Product.objects.get(code="P2")
    assert (str(lathe.list_price), str(lathe.standard_cost), lathe.enabled) == ("1234.500000", "0.13", True)
    assert (str(mill.list_price), mill.standard_cost, mill.enabled) == ("1234.000000", None, False)
    assert all(row["_reason"] for row in rows[2:])


@pytest.mark.parametrize(("text", "good"), [
    ("2016-10-20", True), ("2016/10/20", True), ("2016年10月20日", True), ("20161020", True), ("2016-10-20 00:00:00", True),
    ("2026-02-30", False), ("0000-00-00", False), ("26/11/23", False), ("20/10/2016", False), ("1066-10-14", False),
])
def test_dates_are_sure_or_refused(folder, make, text, good):
    customer = make.customer(name="Known Company", erp_code="K")
    folder.plan("""
name = "test"
[files.rows]
path = "rows.csv"
[[section]]
name = "contacts"
kind = "contact"
file = "rows"
key = "{name}"
[section.fields]
name = "{name}"
customer = { from = "K", by = "erp_code" }
birthday = "{day}"
""")
    done, _rows = folder.write("rows.csv", f"name,day\nLin Shili,{text}\n").one()
    assert outcome(done) == ({"created": 1} if good else {"failed": 1})
    if good:
        assert str(Contact.objects.get(customer=customer).birthday) == "2016-10-20"
