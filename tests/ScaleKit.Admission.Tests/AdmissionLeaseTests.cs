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
    public async Task DisposeAsync_FromManyThreadsAtOnce_GivesTheSeatBackOnce()
    {
        await using var queue = new AdmissionQueue();
        var stays = queue.TryAdmit("a");

        for (var round = 0; round < 500; round++)
        {
            var lease = queue.TryAdmit("a").Lease!;
            using var start = new Barrier(2);
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                start.SignalAndWait();
                await lease.DisposeAsync();
            })));
            Assert.Equal(1, queue.GetSnapshot().Seats);
        }

        Assert.True(stays.IsAdmitted);
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
