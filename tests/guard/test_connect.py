from ipaddress import ip_address

import pytest

from duomo.guard.connect import is_public

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"]
NOT_PUBLIC = {
    "this machine": "0.1.2.3 127.0.0.1 127.9.9.9 :: ::1",
    "private": "10.9.8.7 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 100.127.255.254 fd12::1 fec0::1",
    "of one cable": "169.254.169.254 fe80::1",
    "of nobody": "192.0.2.1 198.51.100.1 203.0.113.1 240.0.0.1 255.255.255.255 100::1 2001:db8::1",
    "special": "192.0.0.1 198.18.0.1 64:ff9b:1::1 2001::1",
    "of many": "224.0.0.1 239.1.1.1 ff02::1 ff0e::1",
    "IPv4 in disguise": "::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::1",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("kind", NOT_PUBLIC)
def test_an_address_of_another_kind_is_not_public(kind: str) -> None:
    assert [address for address in NOT_PUBLIC[kind].split() if is_public(ip_address(address))] == []
