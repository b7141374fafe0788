namespace ScaleKit.Admission.Tests;

/// <summary>Two threads on a real clock, everything at once, and then the books must balance.</summary>
public sealed class AdmissionSoakTests
{
    private const int OperationsPerThread = 500_000;

    [Fact]
    public async Task ManyOperations_FromTwoThreads_KeepTheCapsAndLoseNothing()
    {
        await using var queue = new AdmissionQueue(
            new AdmissionOptions { RoomCapacity = 3, ActiveRooms = 4, TotalCapacity = 10, QueueCapacity = 200, RoomQueueCapacity = 50 });
        var watch = new SeatWatch();

        await Task.WhenAll(Enumerable.Range(1, 2).Select(seed => Task.Run(() => HammerAsync(queue, watch, seed))));

        Assert.Null(watch.Broken);
        var snapshot = queue.GetSnapshot();
        Assert.Equal((0, 0, 0), (snapshot.Seats, snapshot.ActiveRooms, snapshot.Waiting));
        Assert.Equal((0, 0), (queue.Holdings.Linked, queue.Holdings.Deadlines));
        for (var seat = 0; seat < 10; seat++)
        {
            Assert.True(queue.TryAdmit($"r{seat / 3}").IsAdmitted, "A permit was lost.");
        }

        Assert.Equal(AdmissionCap.Total, queue.TryAdmit("r3").BindingCap);
    }

    private static async Task HammerAsync(AdmissionQueue queue, SeatWatch watch, int seed)
    {
        var random = new Random(seed);
        var holding = new Queue<AdmissionLease>();
        var line = new Queue<(Task<AdmissionResult> Pending, CancellationTokenSource Cancellation)>();
        for (var i = 0; i < OperationsPerThread; i++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    // One who has no token cannot leave by itself: then the lock alone decides between grant and deadline.
                    var cancellation = new CancellationTokenSource();
                    var mayLeave = random.Next(4) > 0;
                    var deadline = !mayLeave || random.Next(4) == 0 ? TimeSpan.FromMilliseconds(random.Next(60)) : Timeout.InfiniteTimeSpan;
                    var request = new AdmissionRequest($"r{random.Next(8)}") { Deadline = deadline };
                    line.Enqueue((queue.AdmitAsync(request, mayLeave ? cancellation.Token : CancellationToken.None).AsTask(), cancellation));
                    break;
                case < 6 when holding.TryDequeue(out var lease):
                    watch.Left(lease.Room);
                    _ = lease.DisposeAsync();
                    _ = lease.DisposeAsync();
                    break;
                case 6 when line.Count > 0:
                    line.Peek().Cancellation.Cancel();
                    break;
                default:
                    break;
            }

            Collect(line, holding, watch, all: false);
        }

        await FinishAsync(line, holding, watch);
    }

    private static void Collect(
        Queue<(Task<AdmissionResult> Pending, CancellationTokenSource Cancellation)> line, Queue<AdmissionLease> holding, SeatWatch watch, bool all)
    {
        while (line.TryPeek(out var head) && (all || head.Pending.IsCompleted || line.Count > 40))
        {
            if (!head.Pending.IsCompleted)
            {
                head.Cancellation.Cancel();
                if (!head.Pending.IsCompleted)
                {
                    return;
                }
            }

            _ = line.Dequeue();
            head.Cancellation.Dispose();
            if (head.Pending.Result.Lease is { } lease)
            {
                watch.Sat(lease.Room);
                holding.Enqueue(lease);
            }
        }
    }

    private static async Task FinishAsync(
        Queue<(Task<AdmissionResult> Pending, CancellationTokenSource Cancellation)> line, Queue<AdmissionLease> holding, SeatWatch watch)
    {
        while (line.Count > 0)
        {
            await line.Peek().Cancellation.CancelAsync();
            _ = await line.Peek().Pending;
            Collect(line, holding, watch, all: false);
        }

        while (holding.TryDequeue(out var lease))
        {
            watch.Left(lease.Room);
            await lease.DisposeAsync();
        }
    }

    /// <summary>Counts from the outside: a seat from after it was given until before it is given back, so never more than the queue counts.</summary>
    private sealed class SeatWatch
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, int> _seats = new(StringComparer.Ordinal);

        public string? Broken { get; private set; }

        public void Sat(string room)
        {
            lock (_gate)
            {
                _seats[room] = _seats.GetValueOrDefault(room) + 1;
                if (_seats[room] > 3 || _seats.Count > 4 || _seats.Values.Sum() > 10)
                {
                    Broken ??= $"{_seats[room]} in a room, {_seats.Count} rooms, {_seats.Values.Sum()} in all";
                }
            }
        }

        public void Left(string room)
        {
            lock (_gate)
            {
                if (--_seats[room] == 0)
                {
                    _ = _seats.Remove(room);
                }
            }
        }
    }
}
