using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionLeaseTests
{
    [Fact]
    public async Task DisposeAsync_Twice_GivesTheSeatBackOnce()
    {
        using var crowd = new Crowd(total: 2);
        var lease = crowd.Sit("a");
        _ = crowd.Sit("a");
        Assert.False(lease.IsReleased);

        await lease.DisposeAsync();
        await lease.DisposeAsync();

        Assert.True(lease.IsReleased);
        Assert.Equal(1, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Lease_LostWithoutBeingDisposed_IsFoundAndItsSeatFreed()
    {
        var logger = new ListLogger();
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 }, logger: logger);
        Lose(queue);
        var waiting = queue.AdmitAsync(new AdmissionRequest("a")).AsTask();

        await Eventually.HoldsAsync(
            () =>
            {
                GC.Collect();
                return waiting.IsCompleted;
            },
            "the lost lease is found");

        Assert.True((await waiting).IsAdmitted);
        Assert.Contains(logger.Lines, line => line.Contains("(leaked)", StringComparison.Ordinal));
    }

    /// <summary>A stale lease, disposed again after its seat serves another, must not take that seat away.</summary>
    [Fact]
    public async Task DisposeAsync_SeatServesAnother_ChangesNothing()
    {
        using var crowd = new Crowd(room: 1);
        var old = crowd.Sit("a");
        await old.DisposeAsync();
        var next = crowd.Sit("a");

        await old.DisposeAsync();

        Assert.Equal((true, false, 1), (old.IsReleased, next.IsReleased, crowd.Queue.GetSnapshot().Seats));
    }

    /// <summary>Both threads meet before each lease, so that they read its state in the same moment: a test-then-set there would release it twice.</summary>
    [Fact]
    public async Task DisposeAsync_FromTwoThreadsAtOnce_GivesTheSeatBackOnce()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 3_001, TotalCapacity = 3_001 });
        var leases = Enumerable.Range(0, 3_000).Select(_ => queue.TryAdmit("a").Lease!).ToArray();
        await using var kept = queue.TryAdmit("a").Lease!;
        var arrived = 0;

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < leases.Length; i++)
            {
                var spin = default(SpinWait);
                for (_ = Interlocked.Increment(ref arrived); Volatile.Read(ref arrived) < 2 * (i + 1);)
                {
                    spin.SpinOnce();
                }

                await leases[i].DisposeAsync();
            }
        })));

        Assert.Equal(1, queue.GetSnapshot().Seats);
    }

    /// <summary>A room empties, is forgotten by the queue, and comes again: the old lease must not touch the new room.</summary>
    [Fact]
    public async Task DisposeAsync_AgainAfterTheRoomCameBack_ChangesNothing()
    {
        using var crowd = new Crowd(room: 1, rooms: 1000, total: 1000);
        var old = crowd.Sit("a");
        await old.DisposeAsync();
        for (var i = 0; i < 2 * ScaleKit.Admission.Seating.IdleRooms; i++)
        {
            await crowd.Sit($"room{i}").DisposeAsync();
        }

        Assert.Equal(ScaleKit.Admission.Seating.IdleRooms, crowd.Queue.Holdings.Rooms);
        _ = crowd.Sit("a");
        await old.DisposeAsync();

        Assert.Equal(1, crowd.Queue.GetSnapshot().Seats);
        Assert.False(crowd.Queue.TryAdmit("a").IsAdmitted);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Lose(AdmissionQueue queue) => Assert.True(queue.TryAdmit("a").IsAdmitted);
}
