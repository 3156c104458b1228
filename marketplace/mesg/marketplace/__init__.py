"""The economy: what is for sale, who may use it, who owes whom; it never knows a network or an engine."""
