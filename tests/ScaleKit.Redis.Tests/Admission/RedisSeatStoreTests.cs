using System.Diagnostics;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Steps by hand: what a node that repeats itself, comes back or has been forgotten is told.</summary>
public sealed class RedisSeatStoreTests(Caching.SharedServer server) : IClassFixture<Caching.SharedServer>
{
    private static readonly SeatCaps Caps = new(RoomCapacity: 2, ActiveRooms: 10, TotalCapacity: 10, QueueCapacity: 10, RoomQueueCapacity: 10, PriorityBurst: 4);
    private static readonly SeatAction Enter = new(SeatActionKind.Enter, "x") { MayWait = true };
    private readonly RedisSeatStore _store = new(server.Connection, Guid.NewGuid().ToString());

    [Fact]
    public async Task StepAsync_Repeated_IsCarriedOutOnceAndAnsweredAlike()
    {
        var node = await JoinedAsync("a");

        var first = await ActAsync(node, 1, Enter);
        var again = await ActAsync(node, 1, Enter);

        Assert.Equal(first.Answers, again.Answers);
        Assert.Equal(1, (await ActAsync(node, 2)).Seats);
    }

    [Fact]
    public async Task StepAsync_StepsAreMissing_AsksTheNodeToSayWhatItHolds()
    {
        var node = await JoinedAsync("a");
        var reply = await ActAsync(node, 2, Enter);
        Assert.Equal((SeatStepStatus.Unknown, 0), (reply.Status, reply.Seats));
    }

    [Fact]
    public async Task StepAsync_LateStepOfThePast_ChangesNothing()
    {
        var node = await JoinedAsync("a");
        _ = await ActAsync(node, 1, Enter);
        _ = await ActAsync(node, 2, Enter);

        Assert.Equal(SeatStepStatus.Unknown, (await ActAsync(node, 1, Enter)).Status);

        var reply = await ActAsync(node, 3, Enter);
        Assert.Equal((2, AdmissionCap.Room), (reply.Seats, reply.Answers[0].Cap));
    }

    [Fact]
    public async Task StepAsync_JoinRepeated_CountsWhatTheNodeHoldsOnce()
    {
        var node = await JoinedAsync("a");
        var hold = new SeatAction(SeatActionKind.Hold, "x") { Seats = 2 };
        _ = await _store.StepAsync(Join(node, hold));
        var reply = await _store.StepAsync(Join(node, hold));
        Assert.Equal((2, 1, 1), (reply.Seats, reply.ActiveRooms, reply.Nodes));
    }

    [Fact]
    public async Task StepAsync_GrantNotFetched_IsTheretheNextTimeAndOnce()
    {
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");
        _ = await ActAsync(a, 1, Enter, Enter);
        var number = (await ActAsync(b, 1, Enter)).Answers[0].Number;
        _ = await ActAsync(a, 2, new SeatAction(SeatActionKind.GiveBack, "x"));

        Assert.Equal([number], (await ActAsync(b, 2)).Grants.Select(grant => grant.Number));
        Assert.Equal([number], (await ActAsync(b, 2)).Grants.Select(grant => grant.Number));
        Assert.Empty((await ActAsync(b, 3)).Grants);
    }

    [Fact]
    public async Task StepAsync_RepeatedWhenASeatComesFree_KeepsTheGrantForTheNextStep()
    {
        var dying = await JoinedAsync("dying", TimeSpan.FromSeconds(1));
        var waits = await JoinedAsync("waits", TimeSpan.FromSeconds(1));
        _ = await ActAsync(dying, 1, Enter, Enter);
        var number = (await ActAsync(waits, 1, Enter)).Answers[0].Number;
        await Eventually.HoldsAsync(
            async () =>
            {
                _ = await ActAsync(waits, 1, Enter);
                return (await LookAsync()) is { Nodes: 1, Seats: 1 };
            },
            "the other node is gone");

        Assert.Equal([number], (await ActAsync(waits, 2)).Grants.Select(grant => grant.Number));
    }

    [Fact]
    public async Task StepAsync_JoinThatFreesSeatsForItself_CountsWhatItSaysAndNoMore()
    {
        var dying = await JoinedAsync("dying", TimeSpan.FromSeconds(1));
        var waits = await JoinedAsync("waits");
        _ = await ActAsync(dying, 1, Enter, Enter);
        _ = await ActAsync(waits, 1, Enter);
        var since = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => since.Elapsed > TimeSpan.FromSeconds(1.5), "the lease of the other ran out");

        var reply = await _store.StepAsync(Join(waits));

        Assert.Equal((0, 0, 0, 1), (reply.Seats, reply.ActiveRooms, reply.Waiting, reply.Nodes));
    }

    [Fact]
    public async Task StepAsync_GivesBackWhatItDoesNotHold_TakesNothingFromOthers()
    {
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");
        _ = await ActAsync(a, 1, Enter, Enter);
        Assert.Equal(2, (await ActAsync(b, 1, new SeatAction(SeatActionKind.GiveBack, "x"))).Seats);
    }

    [Fact]
    public async Task StepAsync_LeaseRanOut_IsOverForGood()
    {
        var a = await JoinedAsync("a", TimeSpan.FromSeconds(1));
        _ = await ActAsync(a, 1, Enter);
        var b = await JoinedAsync("b", TimeSpan.FromSeconds(1));
        var sequence = 0;
        await Eventually.HoldsAsync(async () => (await ActAsync(b, ++sequence)) is { Seats: 0, Nodes: 1 }, "the seats are free");

        Assert.Equal(SeatStepStatus.Over, (await ActAsync(a, 2, Enter)).Status);
        Assert.Equal(SeatStepStatus.Over, (await _store.StepAsync(Join(a))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\ud800")]
    [InlineData("{x}")]
    public async Task StepAsync_AnyRoomName_IsARoomOfItsOwn(string room)
    {
        var node = await JoinedAsync("a");
        var reply = await ActAsync(node, 1, new SeatAction(SeatActionKind.Enter, room), Enter);
        Assert.Equal(2, reply.ActiveRooms);
    }

    private ValueTask<SeatReply> LookAsync() =>
        _store.StepAsync(new SeatStep { Kind = SeatStepKind.Look, Node = "looks-----------", Lease = TimeSpan.FromSeconds(1) });

    private static SeatStep Join(Node node, params SeatAction[] actions) =>
        new() { Kind = SeatStepKind.Join, Node = node.Name, Epoch = node.Epoch, Lease = node.Lease, Caps = Caps, Actions = actions };

    /// <summary>Joined, and the time is over in which a new queue grants nothing.</summary>
    private async Task<Node> JoinedAsync(string name, TimeSpan? lease = null)
    {
        var node = new Node(name.PadRight(16, '-'), 0, lease ?? TimeSpan.FromMinutes(1));

        // A node with a short lease makes the head: nobody has to wait for long.
        var first = new Node("first-----------", 0, TimeSpan.FromSeconds(1));
        if ((await _store.StepAsync(new SeatStep { Kind = SeatStepKind.Look, Node = first.Name, Lease = first.Lease })).Status == SeatStepStatus.Unknown)
        {
            first = first with { Epoch = (await _store.StepAsync(Join(first))).Epoch };
            var sequence = 0;
            await Eventually.HoldsAsync(
                async () => (await ActAsync(first, ++sequence, new SeatAction(SeatActionKind.Enter, "first"))).Answers[0].Outcome == SeatOutcome.Granted, "grants begin");
            _ = await _store.StepAsync(new SeatStep { Kind = SeatStepKind.Leave, Node = first.Name, Epoch = first.Epoch, Lease = first.Lease });
        }

        return node with { Epoch = (await _store.StepAsync(Join(node))).Epoch };
    }

    private async Task<SeatReply> ActAsync(Node node, long sequence, params SeatAction[] actions) => await _store.StepAsync(
        new SeatStep { Kind = SeatStepKind.Act, Node = node.Name, Epoch = node.Epoch, Sequence = sequence, Lease = node.Lease, Actions = actions });

    private sealed record Node(string Name, long Epoch, TimeSpan Lease);
}
