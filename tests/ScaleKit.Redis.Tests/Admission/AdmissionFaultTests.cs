using System.Diagnostics;
using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Nodes and servers that die, stand still and come back, on real processes.</summary>
public sealed class AdmissionFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The times are the server's own: when the lease ended, and the step that gave its seats to those who waited.</summary>
    [Fact]
    public async Task Node_KilledWithAThousandSeats_AllComeBackWithinTheLeaseAndASecondAndNoneTwice()
    {
        await using var server = await RedisServer.StartAsync();
        var killed = Start(server, "100,10,1000,2");
        await Eventually.HoldsAsync(async () => await HeldAsync(killed, "take * 1000") > 0, "the node holds seats");
        await Eventually.HoldsAsync(async () => await HeldAsync(killed, "take * 100") == 1000, "the node holds a thousand seats");
        var node = await server.CommandAsync("ZRANGE", "scalekit:admission:{default}:nodes", "0", "-1");
        await using var survivor = new AdmissionNode(server.ConnectionString, room: 100, rooms: 10, total: 1000, configure: o => o.StoreLease = TimeSpan.FromSeconds(2));
        await using var other = new AdmissionNode(server.ConnectionString, room: 100, rooms: 10, total: 1000, configure: o => o.StoreLease = TimeSpan.FromSeconds(2));
        var waiting = Enumerable.Range(0, 1200).Select(i => (i % 2 == 0 ? survivor : other).Queue.AdmitAsync(new AdmissionRequest($"room {i % 10}")).AsTask()).ToArray();
        await Eventually.HoldsAsync(() => survivor.Queue.GetSnapshot().Waiting == 1200, "all wait");
        Assert.DoesNotContain(waiting, task => task.IsCompleted);

        using var machine = new Standstill();
        killed.Pause();
        var leaseEnd = await TimeAsync(server, "nodes", node);
        await killed.DisposeAsync();
        await Eventually.HoldsAsync(() => waiting.Count(task => task.IsCompleted) >= 1000, "all seats are back", Patience);

        // Nobody could call while the whole machine stood still: that is not the queue's.
        var freed = await TimeAsync(server, "over", node);
        Assert.InRange(freed - leaseEnd, TimeSpan.Zero, TimeSpan.FromSeconds(1) + machine.Longest);
        await Eventually.HoldsAsync(() => survivor.Queue.GetSnapshot() is { Seats: 1000, Waiting: 200 }, "no more than that");
        var fences = waiting.Where(task => task.IsCompleted).Select(task => task.Result.Lease!.FencingNumber).ToArray();
        Assert.Equal((1000, 1000), (fences.Length, fences.Distinct().Count()));
    }

    [Fact]
    public async Task Nodes_ThreeProcessesWithTenThousandSeats_AreAllCountedAndAKilledOnesComeBack()
    {
        await using var server = await RedisServer.StartAsync();
        var nodes = Enumerable.Range(0, 3).Select(_ => Start(server, "100,100,10000,5")).ToArray();
        await Eventually.HoldsAsync(async () => await HeldAsync(nodes[0], "take * 1") > 0, "grants begin");

        var held = await Task.WhenAll(nodes.Select(node => HeldAsync(node, "take * 4000")));
        Assert.Equal(10_000, held.Sum());

        await nodes[2].DisposeAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                held = await Task.WhenAll(nodes[..2].Select(node => HeldAsync(node, "take * 4000")));
                return held.Sum() == 10_000;
            },
            "its seats come back",
            Patience);
        var known = await Task.WhenAll(nodes[..2].Select(node => HeldAsync(node, "take * 4000")));
        Assert.Equal(held, known);
        foreach (var node in nodes[..2])
        {
            Assert.Equal(0, Number(await node.AskAsync("look"), 1));
            _ = await node.AskAsync("give");
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Node_StoppedForLongerThanItsLease_FindsItsLeasesLostAndJoinsAnew()
    {
        await using var server = await RedisServer.StartAsync();
        await using var other = new AdmissionNode(server.ConnectionString, room: 5, rooms: 1, total: 5);
        await using var stopped = Start(server, "5,1,5,1");
        await Eventually.HoldsAsync(async () => await HeldAsync(stopped, "take x 5") == 5, "the node holds all seats");
        var fence = Number(await stopped.AskAsync("look"), 2);
        var ticket = await other.WaitAsync("x");

        stopped.Pause();
        var lease = (await ticket.Completion.WaitAsync(Patience)).Lease!;
        Assert.True(lease.FencingNumber > fence);
        stopped.Resume();

        await Eventually.HoldsAsync(async () => Number(await stopped.AskAsync("look"), 1) == 5, "the node is told that its leases are lost");
        Assert.Equal(0, await HeldAsync(stopped, "give"));
        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot().Seats == 1, "what is lost is not given back again");
        await Eventually.HoldsAsync(async () => await HeldAsync(stopped, "take x 5") == 4, "the node takes part again");
    }

    private static TalkingProgram Start(RedisServer server, string caps) =>
        TalkingProgram.Start(typeof(AdmissionFaultTests).Assembly.GetName().Name!, nameof(AdmissionQueue), server.ConnectionString, caps, "default");

    private static async Task<int> HeldAsync(TalkingProgram node, string line) => (int)Number(await node.AskAsync(line), 0);

    private static async Task<TimeSpan> TimeAsync(RedisServer server, string key, string node) => TimeSpan.FromMilliseconds(
        double.Parse(await server.CommandAsync("ZSCORE", $"scalekit:admission:{{default}}:{key}", node), CultureInfo.InvariantCulture));

    private static long Number(string answer, int index) => long.Parse(answer.Split(' ')[index], CultureInfo.InvariantCulture);

    /// <summary>The longest time for which a thread that wants to run every now and then could not.</summary>
    private sealed class Standstill : IDisposable
    {
        private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
        private readonly Timer _timer;
        private long _last = Stopwatch.GetTimestamp();

        public Standstill() => _timer = new Timer(_ => Look(), state: null, Step, Step);

        public TimeSpan Longest { get; private set; }

        public void Dispose() => _timer.Dispose();

        private void Look()
        {
            var passed = Stopwatch.GetElapsedTime(Interlocked.Exchange(ref _last, Stopwatch.GetTimestamp())) - Step;
            Longest = passed > Longest ? passed : Longest;
        }
    }
}
