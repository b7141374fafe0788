namespace ChatRooms.Tests;

public sealed class SeatLedgerTests
{
    [Fact]
    public void Enter_AndLeave_KeepTheMaxima()
    {
        var ledger = new SeatLedger();
        ledger.Enter("a");
        ledger.Enter("a");
        ledger.Leave("a");
        ledger.Enter("b");
        ledger.Leave("a");
        ledger.Leave("b");

        Assert.Equal(2, ledger.MaximumInRoom);
        Assert.Equal(2, ledger.MaximumRooms);
        Assert.Equal(2, ledger.MaximumTotal);
        Assert.Equal(3, ledger.Admitted);
        Assert.Equal(0, ledger.Seated);
    }
}
