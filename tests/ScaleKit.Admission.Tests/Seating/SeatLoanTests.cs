namespace ScaleKit.Admission.Tests;

/// <summary>Seats that a room gives out without the queue's lock, and when they are called in.</summary>
public sealed class SeatLoanTests
{
    [Fact]
    public void TryTake_AllLent_RefusesAndClosedRefusesBoth()
    {
        var loan = default(SeatLoan);
        Assert.False(loan.TryTake());
        Assert.False(loan.TryGiveBack());

        loan.Open(lent: 3, taken: 2, keepsOne: false);
        Assert.True(loan.TryTake());
        Assert.False(loan.TryTake());
        Assert.True(loan.TryGiveBack());
        Assert.Equal((3, 2, 1), loan.Close());
        Assert.False(loan.TryTake());
        Assert.False(loan.TryGiveBack());
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void TryGiveBack_LastSeat_IsLeftToTheLockWhereSomebodyWantsToKnow(bool keepsOne, int left)
    {
        var loan = default(SeatLoan);
        loan.Open(lent: 5, taken: 2, keepsOne);

        Assert.True(loan.TryGiveBack());
        Assert.Equal(!keepsOne, loan.TryGiveBack());

        Assert.Equal(left, loan.Close().Taken);
    }

    [Fact]
    public void Open_TheMostThatFits_KeepsItsFieldsApart()
    {
        var loan = default(SeatLoan);
        loan.Open(SeatLoan.Most, SeatLoan.Most - 1, keepsOne: true);
        Assert.True(loan.TryTake());
        Assert.False(loan.TryTake());
        Assert.True(loan.TryGiveBack());

        Assert.Equal((SeatLoan.Most, SeatLoan.Most - 1, 1), loan.Close());
    }

    /// <summary>The interleaving: closing between the reading and the writing of a taker. Whoever closes must have counted every seat that was taken.</summary>
    [Fact]
    public async Task Close_WhileOthersTake_CountsEverySeatTaken()
    {
        var shared = new Shared();
        var taken = 0;
        var stop = false;
        var takers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                if (shared.Loan.TryTake())
                {
                    _ = Interlocked.Increment(ref taken);
                }
            }
        })).ToArray();

        var counted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            shared.Loan.Open(lent: 2, taken: 0, keepsOne: false);
            counted += shared.Loan.Close().Taken;
        }

        Volatile.Write(ref stop, true);
        await Task.WhenAll(takers);
        Assert.Equal(counted, taken);
    }

    /// <summary>A room has been lent seats; others need them. What was lent and not used must not keep anybody out.</summary>
    [Fact]
    public void TryAdmit_SeatsLentToAnotherRoom_AreCalledInBeforeAnybodyIsRefused()
    {
        using var crowd = new Crowd(room: 100, rooms: 100, total: 10);
        var lender = crowd.Sit("a");
        Assert.True(crowd.Queue.HasLoans);

        for (var i = 0; i < 9; i++)
        {
            _ = crowd.Sit("b");
        }

        Assert.Equal(AdmissionCap.Total, crowd.Queue.TryAdmit("b").BindingCap);
        Assert.False(crowd.Queue.HasLoans);
        Assert.False(lender.IsReleased);
    }

    [Fact]
    public async Task TryAdmit_RoomsThatEmptiedOnALoan_KeepNoOtherRoomOut()
    {
        using var crowd = new Crowd(room: 10, rooms: 2, total: 100);
        await crowd.Sit("a").DisposeAsync();
        Assert.True(crowd.Queue.HasLoans);

        _ = crowd.Sit("b");
        _ = crowd.Sit("c");

        Assert.Equal(AdmissionCap.ActiveRooms, crowd.Queue.TryAdmit("a").BindingCap);
    }

    [Fact]
    public void Saturation_SeatsLentButNotTaken_RaiseNothing()
    {
        using var crowd = new Crowd(room: 100, rooms: 1000, total: 100);
        var raised = new List<int>();
        crowd.Queue.Saturation += (_, change) => raised.Add(change.Used);

        for (var i = 0; i < 80; i++)
        {
            _ = crowd.Sit($"r{i % 10}");
        }

        Assert.Equal([80], raised);
    }

    [Fact]
    public async Task Loans_ManyRoomsThatEmpty_AreForgottenBeyondABound()
    {
        using var crowd = new Crowd(room: 10, rooms: 1_000_000, total: 100_000_000);

        for (var i = 0; i < 2 * ScaleKit.Admission.Seating.MostLoans; i++)
        {
            await crowd.Sit($"room{i}").DisposeAsync();
        }

        Assert.InRange(crowd.Queue.Holdings.Rooms, 1, ScaleKit.Admission.Seating.MostLoans + ScaleKit.Admission.Seating.IdleRooms);
    }

    private sealed class Shared
    {
        private SeatLoan _loan;

        public ref SeatLoan Loan => ref _loan;
    }
}
