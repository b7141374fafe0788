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

    /// <summary>Both threads meet before each lease, so that they read its state in the same moment: a test-then-set there would release it twice.</summary>
    [Fact]
    public async Task DisposeAsync_FromTwoThreadsAtOnce_GivesTheSeatBackOnce()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 3_001, TotalCapacity = 3_001 });
        var leases = Enumerable.Range(0, 3_000).Select(_ => queue.TryAdmit("a").Lease!).ToArray();
        _ = queue.TryAdmit("a");
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
}
