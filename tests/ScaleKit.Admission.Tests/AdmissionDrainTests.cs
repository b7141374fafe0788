using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionDrainTests
{
    [Fact]
    public async Task DrainAsync_Force_TellsTheHoldersAfterThatTime()
    {
        using var crowd = new Crowd();
        var lease = crowd.Sit("a");
        var lost = lease.LeaseLost;
        var drained = crowd.Queue.DrainAsync(force: TimeSpan.FromSeconds(10));

        crowd.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(lost.IsCancellationRequested);
        crowd.Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => lost.IsCancellationRequested, "the holder is told");

        // The connection is still there: its seat counts until it is given back.
        Assert.Equal((1, false), (crowd.Queue.GetSnapshot().Seats, drained.IsCompleted));
        await lease.DisposeAsync();
        await drained.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }

    [Fact]
    public async Task DrainAsync_NobodyThere_IsDoneAtOnceAndGrowthAdmitsNobody()
    {
        using var crowd = new Crowd();

        await crowd.Queue.DrainAsync();
        crowd.Queue.Resize(totalCapacity: 1000);
        crowd.Queue.IsEnabled = false;

        Assert.Equal(AdmissionRefusal.Draining, crowd.Queue.TryAdmit("a").Refusal);
    }

    [Fact]
    public async Task DrainAsync_WaitingCancelled_GoesOnDraining()
    {
        using var crowd = new Crowd();
        using var cancellation = new CancellationTokenSource();
        var lease = crowd.Sit("a");
        var impatient = crowd.Queue.DrainAsync(cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        var patient = crowd.Queue.DrainAsync();
        Assert.False(patient.IsCompleted);
        await lease.DisposeAsync();
        await patient.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8 * 86400)]
    public async Task DrainAsync_ForceOutOfRange_IsRefusedByNameAndDrainsNothing(int seconds)
    {
        using var crowd = new Crowd();

        var exception = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => crowd.Queue.DrainAsync(force: TimeSpan.FromSeconds(seconds)));

        Assert.Equal(("force", false), (exception.ParamName, crowd.Queue.IsDraining));
    }
}
