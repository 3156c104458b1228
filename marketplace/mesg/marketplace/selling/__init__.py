"""Being paid: vouchers taken, charges made; knows no network."""
