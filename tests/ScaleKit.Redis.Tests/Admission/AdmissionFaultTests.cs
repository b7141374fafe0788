using System.Diagnostics;
using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Nodes and servers that die, stand still and come back, on real processes.</summary>
public sealed class AdmissionFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Node_KilledWithAThousandSeats_AllComeBackWithinTheLeaseAndASecondAndNoneTwice()
    {
        await using var server = await RedisServer.StartAsync();
        await using var survivor = new AdmissionNode(server.ConnectionString, room: 100, rooms: 10, total: 1000);
        await using var other = new AdmissionNode(server.ConnectionString, room: 100, rooms: 10, total: 1000);
        var killed = Start(server, "100,10,1000");
        await Eventually.HoldsAsync(async () => await HeldAsync(killed, "take * 1000") > 0, "the node holds seats");
        await Eventually.HoldsAsync(async () => await HeldAsync(killed, "take * 100") == 1000, "the node holds a thousand seats");
        var waiting = Enumerable.Range(0, 1200).Select(i => (i % 2 == 0 ? survivor : other).Queue.AdmitAsync(new AdmissionRequest($"room {i % 10}")).AsTask()).ToArray();
        await Eventually.HoldsAsync(() => survivor.Queue.GetSnapshot().Waiting == 1200, "all wait");
        Assert.DoesNotContain(waiting, task => task.IsCompleted);

        await killed.DisposeAsync();
        var since = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => waiting.Count(task => task.IsCompleted) >= 1000, "all seats are back", Patience);
        var took = since.Elapsed;

        await Eventually.HoldsAsync(() => survivor.Queue.GetSnapshot() is { Seats: 1000, Waiting: 200 }, "no more than that");
        Assert.Equal(1000, waiting.Count(task => task.IsCompleted));

        // The bound of the page is a lease and a second; the rest is the machine's.
        Assert.InRange(took, TimeSpan.Zero, AdmissionNode.Lease + TimeSpan.FromSeconds(5));
        var fences = waiting.Where(task => task.IsCompleted).Select(task => task.Result.Lease!.FencingNumber).ToArray();
        Assert.Equal(1000, fences.Distinct().Count());
    }

    [Fact]
    public async Task Node_StoppedForLongerThanItsLease_FindsItsLeasesLostAndJoinsAnew()
    {
        await using var server = await RedisServer.StartAsync();
        await using var other = new AdmissionNode(server.ConnectionString, room: 5, rooms: 1, total: 5);
        await using var stopped = Start(server, "5,1,5");
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

    private static long Number(string answer, int index) => long.Parse(answer.Split(' ')[index], CultureInfo.InvariantCulture);
}
