using System.Diagnostics;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Many visitors on several nodes at full speed: a count beside the queue says whether a cap was ever exceeded.</summary>
public sealed class AdmissionChurnTests
{
    private const int RoomCap = 3;
    private const int ActiveCap = 4;
    private const int TotalCap = 9;
    private const int Rooms = 6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AdmitAsync_ThreeNodesAtFullSpeed_CapsHoldAndNothingIsLost(bool losesSteps)
    {
        await using var server = await RedisServer.StartAsync();
        var nodes = Enumerable.Range(0, 3).Select(seed => new AdmissionNode(
            server.ConnectionString, RoomCap, ActiveCap, TotalCap, configure: o => (o.StorePatience, o.StoreLease) = (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5)),
            wrap: store => new LossyStore(store, seed, isDeaf: false, losesSteps))).ToArray();
        var seats = new int[Rooms];
        var (worst, admitted, gate) = ("", 0, new Lock());
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(visitor => Task.Run(async () =>
        {
            var random = new Random(visitor);
            while (clock.Elapsed < TimeSpan.FromSeconds(8))
            {
                var room = random.Next(Rooms);
                using var leaving = random.Next(4) == 0 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(20))) : null;
                var result = await nodes[visitor % 3].Queue.AdmitAsync(new AdmissionRequest($"room {room}"), leaving?.Token ?? CancellationToken.None);
                if (!result.IsAdmitted)
                {
                    continue;
                }

                // Counted after the grant and no longer before the seat goes back: never more than the queue has given.
                lock (gate)
                {
                    admitted++;
                    seats[room]++;
                    if (seats[room] > RoomCap || seats.Count(n => n > 0) > ActiveCap || seats.Sum() > TotalCap)
                    {
                        worst = string.Join(' ', seats);
                    }
                }

                await Task.Yield();
                lock (gate)
                {
                    seats[room]--;
                }

                await result.Lease.DisposeAsync();
            }
        }))).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal("", worst);
        Assert.True(admitted > 100, $"{admitted} were admitted");
        await Eventually.HoldsAsync(() => nodes.All(node => node.Queue.GetSnapshot() is { Seats: 0, Waiting: 0, ActiveRooms: 0 }), "all seats are back and nobody waits");
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}
