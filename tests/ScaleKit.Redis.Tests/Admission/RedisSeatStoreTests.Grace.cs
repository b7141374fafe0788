using System.Diagnostics;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>As long as nodes may hold seats that the server does not know of, nobody is admitted.</summary>
public sealed partial class RedisSeatStoreTests
{
    [Fact]
    public async Task StepAsync_FirstStepOfAll_AdmitsNobodyForOneLease()
    {
        var store = new RedisSeatStore(_server.Connection, Guid.NewGuid().ToString());
        var node = new Node("a---------------", 0, TimeSpan.FromSeconds(3));

        // Before the step: the server counts from a time after that.
        var since = Stopwatch.StartNew();
        var epoch = (await store.StepAsync(Join(node))).Epoch;

        var waits = await store.StepAsync(Act(node with { Epoch = epoch }, 1, Enter));
        Assert.Equal((SeatOutcome.Waiting, AdmissionCap.Total, 0), (waits.Answers[0].Outcome, waits.Answers[0].Cap, waits.Seats));

        var sequence = 1L;
        await Eventually.HoldsAsync(async () => (await store.StepAsync(Act(node with { Epoch = epoch }, ++sequence))).Grants.Count == 1, "then the time is over");
        Assert.True(since.Elapsed > TimeSpan.FromSeconds(2.5), $"{since.Elapsed}");
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(10, 1)]
    public async Task StepAsync_StepsOrEpochsOfANodeAreMissing_AdmitsNobodyUntilAllHadTimeToSayWhatTheyHold(int epochs, int sequence)
    {
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");

        Assert.Equal(SeatStepStatus.Unknown, (await ActAsync(a with { Epoch = a.Epoch + epochs }, sequence)).Status);

        Assert.Equal((SeatOutcome.Waiting, AdmissionCap.Total), await EnterAsync(b));
    }

    [Fact]
    public async Task StepAsync_JoinOfANodeThatHadAnEpochAndIsNotKnown_AdmitsNobodyUntilAllHadTimeToSayWhatTheyHold()
    {
        var b = await JoinedAsync("b");

        _ = await _store.StepAsync(Join(new Node("a---------------", 7, TimeSpan.FromMinutes(1)), new SeatAction(SeatActionKind.Hold, "x") { Seats = 1 }));

        Assert.Equal((SeatOutcome.Waiting, AdmissionCap.Total), await EnterAsync(b));
    }

    [Fact]
    public async Task StepAsync_SumsAreLostAndNothingElse_AreToldAnew()
    {
        var a = await JoinedAsync("a");
        _ = await ActAsync(a, 1, Enter, Enter, Enter);
        _ = await _server.CommandAsync("DEL", $"scalekit:admission:{{{_queue}}}:head");

        Assert.Equal(SeatStepStatus.Unknown, (await ActAsync(a, 2)).Status);

        var reply = await _store.StepAsync(Join(a, new SeatAction(SeatActionKind.Hold, "x") { Seats = 2 }));
        Assert.Equal((2, 1, 0, 1), (reply.Seats, reply.ActiveRooms, reply.Waiting, reply.Nodes));
    }

    [Fact]
    public async Task StepAsync_SeatGivenBackInThatTime_StaysFree()
    {
        var a = await JoinedAsync("a");
        var b = await JoinedAsync("b");
        _ = await ActAsync(a, 1, Enter, Enter);
        _ = await ActAsync(b, 1, Enter);
        _ = await ActAsync(a, 9);

        var reply = await ActAsync(a, 2, new SeatAction(SeatActionKind.GiveBack, "x"));

        Assert.Equal((1, 1), (reply.Seats, reply.Waiting));
        Assert.Empty((await ActAsync(b, 2)).Grants);
    }

    /// <summary>It was the server that was away, or all nodes: whoever calls first must not take the others' seats.</summary>
    [Fact]
    public async Task StepAsync_NobodyHasCalledForLong_EndsNobodysLeaseBeforeItCouldCall()
    {
        var a = await JoinedAsync("a", TimeSpan.FromSeconds(2));
        var b = await JoinedAsync("b", TimeSpan.FromSeconds(2));
        _ = await ActAsync(b, 1, Enter);
        var since = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => since.Elapsed > TimeSpan.FromSeconds(2.5), "all leases have ended by the clock");

        Assert.Equal((2, 1), await ActAsync(a, 1) is var first ? (first.Nodes, first.Seats) : default);
        Assert.Equal(SeatStepStatus.Done, (await ActAsync(b, 2)).Status);
    }

    private static SeatStep Act(Node node, long sequence, params SeatAction[] actions) =>
        new() { Kind = SeatStepKind.Act, Node = node.Name, Epoch = node.Epoch, Sequence = sequence, Lease = node.Lease, Actions = actions };

    private async Task<(SeatOutcome Outcome, AdmissionCap Cap)> EnterAsync(Node node)
    {
        var answer = (await ActAsync(node, 1, Enter)).Answers[0];
        return (answer.Outcome, answer.Cap);
    }
}
