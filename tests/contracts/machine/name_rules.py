"""Names are promised, taken, stolen, handed on; and what they cost."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.contracts.machine import choices
from tests.contracts.machine.base import MarketMachine
from tests.contracts.machine.market import MAPS, WEALTH, WEATHER
from tests.contracts.model.names import number_of, promise

from mesg.marketplace.domain.identity import AccountAddress

FREE = ("a", "x_-9.y", "z" * 63, "0.1.2")
WRONG = ("", ".", "a.", ".a", "a..b", "Maps", "a b", "naïve", "z" * 64, "a" * 62 + ".b")
sids = st.sampled_from((*FREE, *FREE, *FREE, WEATHER.sid, MAPS.sid, *WRONG))
salts = st.sampled_from((b"\1" * 32, b"\2" * 32))


class NameRules(MarketMachine):
    """Names without offers."""

    def __init__(self) -> None:
        super().__init__()
        self.promises: list[tuple[str, AccountAddress, bytes]] = []

    @rule(person=choices.people, sid=sids, salt=salts, wait=choices.mostly)
    def promise_a_name(self, person: AccountAddress, sid: str, salt: bytes, wait: bool) -> None:
        self.promises.append((sid, person, salt))
        self._commit(person, promise(sid, person, salt))
        self.wait(blocks=int(wait))

    @rule(thief=choices.people, number=choices.numbers)
    def send_the_promise_of_another(self, thief: AccountAddress, number: int) -> None:
        if self.promises:
            self._commit(thief, promise(*self.promises[number % len(self.promises)]))

    @rule(number=choices.numbers, off=st.sampled_from((0, 0, 10**18, -1)))
    def keep_a_promise(self, number: int, off: int) -> None:
        if self.promises:
            sid, person, salt = self.promises[number % len(self.promises)]
            self._register(person, sid, salt, self.world.names.fee() + off)

    @rule(thief=choices.people, number=choices.numbers)
    def keep_the_promise_of_another(self, thief: AccountAddress, number: int) -> None:
        if self.promises:
            sid, _, salt = self.promises[number % len(self.promises)]
            self._register(thief, sid, salt, WEALTH)

    @rule(person=choices.people, count=st.integers(1, 4))
    def must_get_free_names(self, person: AccountAddress, count: int) -> None:
        """Whoever promises a free name, waits a block, and can pay, gets it; the next one is dearer."""
        for _ in range(count):
            sid = f"free.{len(self.world.names.sids)}"
            self._commit(person, promise(sid, person, bytes(32)))
            self.wait(blocks=1)
            fee = self.world.names.fee()
            can_pay = self._can_pay(person, fee)
            assert self._register(person, sid, bytes(32), fee) is can_pay
            assert not can_pay or self.world.names.fee() > fee

    @rule(
        number=choices.numbers,
        sender=choices.people,
        to=choices.people_or_nobody,
        by_owner=choices.mostly,
        from_owner=choices.mostly,
    )
    def a_service_is_handed_on(
        self,
        number: int,
        sender: AccountAddress,
        to: AccountAddress,
        by_owner: bool,
        from_owner: bool,
    ) -> None:
        service = self.service(number)
        owner = self.world.names.owners.get(service, sender)
        actor, source = (owner if by_owner else sender), (owner if from_owner else to)
        self.registry(
            actor,
            "transferFrom",
            source.raw,
            to.raw,
            service,
            model=lambda: self.world.names.transfer(actor, source, to, service),
        )

    def _commit(self, sender: AccountAddress, commitment: bytes) -> bool:
        return self.registry(
            sender,
            "commit",
            commitment,
            model=lambda: self.world.names.commit(sender, commitment),
        )

    def _register(self, sender: AccountAddress, sid: str, salt: bytes, max_fee: int) -> bool:
        done = self.registry(
            sender,
            "register",
            sid,
            salt,
            max_fee,
            model=lambda: self.world.names.register(sender, sid, salt, max_fee),
        )
        if done:
            assert self.revm.view("ServiceRegistry", "sidOf", number_of(sid)) == sid
        return done

    def _can_pay(self, person: AccountAddress, units: int) -> bool:
        return self.world.token.works and self.world.token.balance_of(person) >= units
