using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

/// <summary>Leases that end otherwise than by being disposed.</summary>
public sealed class AdmissionLeaseLostTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task MaximumHold_Passed_GivesTheSeatToTheNextAndTellsTheHolder()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.MaximumHold = Hold);
        var lease = crowd.Sit("a");
        var lost = lease.LeaseLost;
        var next = crowd.Wait("a");

        crowd.Clock.Advance(Hold - TimeSpan.FromTicks(1));
        Assert.False(next.Completion.IsCompleted);
        crowd.Clock.Advance(DeadlineWheel.Tick);

        Assert.True(Crowd.Done(next).IsAdmitted);
        Assert.True(lease.IsReleased);
        await Eventually.HoldsAsync(() => lost.IsCancellationRequested, "the holder is told");
        Assert.True(lease.LeaseLost.IsCancellationRequested, "Also who asks late is told.");
        await lease.DisposeAsync();
        Assert.Equal((1, false), (crowd.Queue.GetSnapshot().Seats, Crowd.Done(next).Lease!.LeaseLost.IsCancellationRequested));
    }

    /// <summary>The interleaving: a lease ends, its seat serves another, and then the time of the first is up. The second must keep the seat.</summary>
    [Fact]
    public async Task MaximumHold_SeatServesAnother_CountsFromItsOwnBeginning()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.MaximumHold = Hold);
        var old = crowd.Sit("a");
        crowd.Clock.Advance(Hold / 2);
        await old.DisposeAsync();
        var lease = crowd.Sit("a");

        crowd.Clock.Advance(Hold / 2);
        Assert.False(lease.IsReleased);
        Assert.False(old.LeaseLost.IsCancellationRequested);
        crowd.Clock.Advance(Hold / 2);

        Assert.True(lease.IsReleased);
        Assert.Equal((0, 0), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.Holdings.Deadlines));
    }

    /// <summary>The interleaving: two holds are over at one moment; while the first seat is taken away the other one is given back and serves the next.</summary>
    [Fact]
    public void MaximumHold_GivenBackWhileAnotherIsTakenAway_LeavesTheSeatToTheNext()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.MaximumHold = Hold);
        var slow = crowd.Sit("b");
        var next = crowd.Wait("b");
        var first = crowd.Sit("a");
        crowd.Queue.RoomChanged += (_, _) => _ = slow.DisposeAsync();

        crowd.Clock.Advance(Hold + DeadlineWheel.Tick);

        Assert.Equal((true, true), (first.IsReleased, slow.IsReleased));
        Assert.False(Crowd.Done(next).Lease!.IsReleased);
        Assert.Equal(1, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task MaximumHold_SwitchedOffWhileRunning_LeavesNoStaleLimitOnAReusedSeat()
    {
        using var crowd = new Crowd(room: 4, configure: options => options.MaximumHold = Hold);
        var limited = crowd.Sit("a");
        crowd.Queue.Update(new AdmissionOptions { RoomCapacity = 4 });
        var other = crowd.Sit("a");
        Assert.True(crowd.Queue.HasLoans, "From here on seats come and go without the lock, and nobody takes them off the wheel.");
        await limited.DisposeAsync();
        var free = crowd.Sit("a");

        crowd.Clock.Advance(2 * Hold);

        Assert.Equal((false, false), (free.IsReleased, other.IsReleased));
        Assert.Equal(2, crowd.Queue.GetSnapshot().Seats);
    }

    /// <summary>A seat that was given back without the lock still stands on the wheel. When there is a longest hold again, it must stand there once.</summary>
    [Fact]
    public async Task MaximumHold_SwitchedOffAndOnAgain_CountsFromTheNewBeginning()
    {
        var limited = new AdmissionOptions { RoomCapacity = 4, MaximumHold = Hold };
        using var crowd = new Crowd(room: 4, configure: options => options.MaximumHold = Hold);
        var first = crowd.Sit("a");
        crowd.Queue.Update(new AdmissionOptions { RoomCapacity = 4 });
        var other = crowd.Sit("a");
        Assert.True(crowd.Queue.HasLoans);
        await first.DisposeAsync();
        crowd.Queue.Update(limited);
        crowd.Clock.Advance(Hold / 2);

        var (one, two) = (crowd.Sit("a"), crowd.Sit("a"));
        Assert.Equal(2, crowd.Queue.Holdings.Deadlines);
        crowd.Clock.Advance(Hold - DeadlineWheel.Tick);
        Assert.Equal((false, false), (one.IsReleased, two.IsReleased));
        crowd.Clock.Advance(2 * DeadlineWheel.Tick);

        Assert.Equal((true, true, false), (one.IsReleased, two.IsReleased, other.IsReleased));
        Assert.Equal(0, crowd.Queue.Holdings.Deadlines);
    }

    [Fact]
    public async Task LeaseLost_GivenBack_IsNeverCancelled()
    {
        using var crowd = new Crowd(configure: options => options.MaximumHold = Hold);
        var lease = crowd.Sit("a");
        var lost = lease.LeaseLost;

        await lease.DisposeAsync();
        Assert.Equal(0, crowd.Queue.Holdings.Deadlines);
        crowd.Clock.Advance(2 * Hold);

        Assert.False(lost.IsCancellationRequested);
        Assert.False(lease.LeaseLost.IsCancellationRequested);
    }

    [Fact]
    public async Task Lost_Leases_AreCountedAndLoggedWithTheirStackWhereThatIsAskedFor()
    {
        using var factory = new TestMeterFactory();
        var logger = new ListLogger();
        var clock = new ManualTimeProvider();
        await using var queue = new AdmissionQueue(new AdmissionOptions { MaximumHold = Hold, CaptureLeaseStacks = true }, clock, logger, factory);
        using var heard = new Heard(factory);
        var lease = queue.TryAdmit("secret").Lease!;

        clock.Advance(2 * Hold);

        Assert.True(lease.IsReleased);
        Assert.Equal(1, heard.Sum(AdmissionDiagnostics.Lost, "maximum_hold"));
        Assert.Contains(logger.Lines, line => line.Contains(nameof(Lost_Leases_AreCountedAndLoggedWithTheirStackWhereThatIsAskedFor), StringComparison.Ordinal));
        Assert.DoesNotContain(logger.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }
}
