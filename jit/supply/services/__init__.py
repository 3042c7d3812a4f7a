"""Writing supply: call-offs, shipments, receipts. One transaction each; permission was asked at the door."""
