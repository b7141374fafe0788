namespace ScaleKit.Admission.Tests;

/// <summary>Those who left leave nothing. Runs alone: it weighs the heap of the whole process.</summary>
[CollectionDefinition(nameof(AdmissionMemoryTests), DisableParallelization = true)]
[Collection(nameof(AdmissionMemoryTests))]
public sealed class AdmissionMemoryTests
{
    [Fact]
    public async Task EnterAndCancel_ManyTimesWhileFull_LeavesNothingBehind()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var first = crowd.Wait("a", Timeout.InfiniteTimeSpan);
        using var lasting = new CancellationTokenSource();
        await EnterAndLeaveAsync(crowd.Queue, 1_000, lasting.Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await EnterAndLeaveAsync(crowd.Queue, 50_000, lasting.Token);
        for (var i = 0; i < 950_000; i++)
        {
            crowd.Wait("a").Waiter!.Leave();
        }

        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal((1, 0), (crowd.Queue.Holdings.Linked, crowd.Queue.Holdings.Deadlines));
        Assert.InRange(crowd.Queue.Holdings.Rooms, 1, 1 + ScaleKit.Admission.Seating.IdleRooms);
        Assert.InRange(kept, long.MinValue, 1_000_000);
        Assert.Equal(1, first.Position);
        Assert.InRange(crowd.Clock.ArmedTimers, 0, 1);
    }

    private static async Task EnterAndLeaveAsync(AdmissionQueue queue, int times, CancellationToken lasting)
    {
        for (var i = 0; i < times; i++)
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(lasting);
            var pending = queue.AdmitAsync(new AdmissionRequest("a"), cancellation.Token);
            await cancellation.CancelAsync();
            Assert.Equal(AdmissionRefusal.Cancelled, (await pending).Refusal);
        }
    }
}
