using System.Diagnostics;
using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Steps by hand: what a node that repeats itself, comes back or has been forgotten is told.</summary>
public sealed partial class RedisSeatStoreTests : IClassFixture<SeatServer>
{
    private static readonly SeatCaps Caps = new(RoomCapacity: 2, ActiveRooms: 10, TotalCapacity: 10, QueueCapacity: 10, RoomQueueCapacity: 10, PriorityBurst: 4);
    private static readonly SeatAction Enter = new(SeatActionKind.Enter, "x") { MayWait = true };
    private readonly string _queue;
    private readonly RedisSeatStore _store;
    private readonly SeatServer _server;

    public RedisSeatStoreTests(SeatServer server)
    {
        (_server, _queue) = (server, server.TakeQueue());
        _store = new RedisSeatStore(server.Connection, _queue);
    }

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
    public async Task StepAsync_SeveralNodesInOneRoom_CountsTheRoomForEach()
    {
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");
        _ = await ActAsync(a, 1, Enter, Enter with { Room = "y" });

        Assert.Equal((2, 3), await ActAsync(b, 1, Enter) is var both ? (both.ActiveRooms, both.NodeRooms) : default);
        Assert.Equal((2, 2), await ActAsync(a, 2, new SeatAction(SeatActionKind.GiveBack, "x")) is var one ? (one.ActiveRooms, one.NodeRooms) : default);
        Assert.Equal(1, (await _store.StepAsync(Join(a))).NodeRooms);
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
        _ = await _store.StepAsync(Join(node, hold));
        var reply = await _store.StepAsync(Join(node, hold));
        Assert.Equal((2, 1, 1), (reply.Seats, reply.ActiveRooms, reply.Nodes));
    }

    [Fact]
    public async Task StepAsync_GrantNotFetched_IsThereTheNextTimeAndOnce()
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
        Assert.Empty(reply.Grants);
    }

    [Fact]
    public async Task StepAsync_EpochBeforeTheLastJoin_ChangesNothing()
    {
        var before = await JoinedAsync("a");
        var node = before with { Epoch = (await _store.StepAsync(Join(before))).Epoch };

        Assert.Equal(SeatStepStatus.Unknown, (await ActAsync(before, 1, Enter)).Status);
        _ = await _store.StepAsync(new SeatStep { Kind = SeatStepKind.Leave, Node = before.Name, Epoch = before.Epoch, Lease = before.Lease });

        var reply = await ActAsync(node, 1, Enter);
        Assert.Equal((SeatStepStatus.Done, 1, 1), (reply.Status, reply.Seats, reply.Nodes));
    }

    [Fact]
    public async Task StepAsync_JoinWithAGrantInTheMail_SaysThatItHoldsNothing()
    {
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");
        _ = await ActAsync(a, 1, Enter, Enter);
        _ = await ActAsync(b, 1, Enter);
        _ = await ActAsync(a, 2, new SeatAction(SeatActionKind.GiveBack, "x"));

        var reply = await _store.StepAsync(Join(b));

        Assert.Equal((1, 0), (reply.Seats, reply.Waiting));
        Assert.Empty(reply.Grants);
    }

    [Fact]
    public async Task StepAsync_NodeThatWaitedIsGone_SeatsTheNextAndLeavesNothing()
    {
        var dying = await JoinedAsync("dying", TimeSpan.FromSeconds(1));
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");
        _ = await ActAsync(a, 1, Enter, Enter);
        _ = await ActAsync(dying, 1, Enter, Enter with { Room = "y" });
        var number = (await ActAsync(b, 1, Enter)).Answers[0].Number;
        var sequence = 1L;
        await Eventually.HoldsAsync(async () => (await ActAsync(b, ++sequence)) is { Nodes: 2, Waiting: 1, Seats: 2, ActiveRooms: 1 }, "it is gone");

        _ = await ActAsync(a, 2, new SeatAction(SeatActionKind.GiveBack, "x"));

        Assert.Equal([number], (await ActAsync(b, ++sequence)).Grants.Select(grant => grant.Number));
        _ = await ActAsync(a, 3, new SeatAction(SeatActionKind.GiveBack, "x"));
        var reply = await ActAsync(b, ++sequence, new SeatAction(SeatActionKind.GiveBack, "x"));
        Assert.Equal((0, 0), (reply.Seats, reply.ActiveRooms));
        foreach (var empty in new[] { "held", "rooms", "line", "ready", "parked", "mail" })
        {
            Assert.Equal("0", await _server.CommandAsync("EXISTS", $"scalekit:admission:{{{_queue}}}:{empty}"));
        }
    }

    [Fact]
    public async Task StepAsync_AnyKey_ExpiresWhenNobodyCallsAnyMore()
    {
        var node = await JoinedAsync("a");
        _ = await ActAsync(node, 1, Enter, Enter, Enter, Enter with { Room = "y" });
        _ = await _store.StepAsync(Join(node, new SeatAction(SeatActionKind.Hold, "x") { Seats = 1 }));

        var keys = (await _server.CommandAsync("KEYS", $"scalekit:admission:{{{_queue}}}:*")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains(keys, key => key.EndsWith(":held", StringComparison.Ordinal));
        foreach (var key in keys)
        {
            Assert.InRange(long.Parse(await _server.CommandAsync("TTL", key), CultureInfo.InvariantCulture), 1, 604_800);
        }
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

    [Theory]
    [InlineData("")]
    [InlineData("fifteen--------")]
    [InlineData("sixteen-------\u00e9-")]
    public async Task StepAsync_NodeOfAnotherShape_IsRefused(string node) =>
        Assert.Equal("step", (await Assert.ThrowsAsync<ArgumentException>(async () => await _store.StepAsync(Join(new Node(node, 0, TimeSpan.FromSeconds(1)))))).ParamName);

    [Fact]
    public async Task StepAsync_NoLease_IsRefused() =>
        Assert.Equal("step", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.StepAsync(Join(new Node("a---------------", 0, default))))).ParamName);

    [Theory]
    [InlineData("")]
    [InlineData(257)]
    public void Constructor_QueueNameOutOfRange_IsRefused(object name) => Assert.Equal(
        "queue", Assert.ThrowsAny<ArgumentException>(() => new RedisSeatStore(_server.Connection, name as string ?? new string('x', (int)name))).ParamName);

    private ValueTask<SeatReply> LookAsync() =>
        _store.StepAsync(new SeatStep { Kind = SeatStepKind.Look, Node = "looks-----------", Lease = TimeSpan.FromSeconds(1) });

    private static SeatStep Join(Node node, params SeatAction[] actions) =>
        new() { Kind = SeatStepKind.Join, Node = node.Name, Epoch = node.Epoch, Lease = node.Lease, Caps = Caps, Actions = actions };

    private async Task<Node> JoinedAsync(string name, TimeSpan? lease = null)
    {
        var node = new Node(name.PadRight(16, '-'), 0, lease ?? TimeSpan.FromMinutes(1));
        return node with { Epoch = (await _store.StepAsync(Join(node))).Epoch };
    }

    private async Task<SeatReply> ActAsync(Node node, long sequence, params SeatAction[] actions) => await _store.StepAsync(Act(node, sequence, actions));

    private sealed record Node(string Name, long Epoch, TimeSpan Lease);
}
