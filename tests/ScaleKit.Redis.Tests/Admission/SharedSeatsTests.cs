using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>One node and its store: what is said once, what is said again, and how long the node waits for an answer before it decides by itself.</summary>
public sealed class SharedSeatsTests(SeatServer seats) : IClassFixture<SeatServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The interleaving: the store has lost everything and the node does not know it yet; a seat is given back. What the node then says that it holds is without that
    /// seat. Were it given back once more, a seat that somebody sits on would come free.
    /// </summary>
    [Fact]
    public async Task GiveBack_WhileTheStoreIsFoundEmpty_IsNotSaidTwice()
    {
        await using var server = await RedisServer.StartAsync();
        LossyStore line = null!;
        await using var node = new AdmissionNode(server.ConnectionString, room: 3, wrap: store => line = new LossyStore(store));
        for (var i = 0; i < 3; i++)
        {
            _ = await node.SitAsync("x");
        }

        var answer = await WithholdAsync(server, line);
        await node.Held[0].DisposeAsync();
        answer.SetResult();

        _ = await node.SitAsync("x");
        Assert.Equal(AdmissionCap.Room, (await node.TryAsync("x")).BindingCap);
        await Eventually.HoldsAsync(() => node.Queue.GetSnapshot() is { Seats: 3 }, "all are counted");
    }

    /// <summary>Who came before keeps its number; who came since has none yet, and must not get one that is smaller.</summary>
    [Fact]
    public async Task Enter_WhileTheStoreIsFoundEmpty_StandsBehindThoseWhoCameBefore()
    {
        await using var server = await RedisServer.StartAsync();
        LossyStore line = null!;
        await using var node = new AdmissionNode(server.ConnectionString, room: 1, wrap: store => line = new LossyStore(store));
        _ = await node.SitAsync("x");
        var (first, second) = (await node.WaitAsync("x"), await node.WaitAsync("x"));

        var answer = await WithholdAsync(server, line);
        var late = node.Queue.Enter(new AdmissionRequest("x"));
        answer.SetResult();

        await Eventually.HoldsAsync(() => (first.Position, second.Position, late.Position) == (1, 2, 3), "they stand in the order in which they came", Patience);
    }

    /// <summary>Nobody is admitted for the length of the first lease, so who does not wait is refused, and who waits is not.</summary>
    [Fact]
    public async Task AdmitAsync_StoreComesLate_RefusesWhoDoesNotWait()
    {
        await using var server = RedisServer.Prepare();
        await using var node = new AdmissionNode(
            server.ConnectionString, configure: o => (o.StorePatience, o.StoreLease) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        var pending = node.TryAsync("x");
        var waiting = node.Queue.Enter(new AdmissionRequest("x"));

        await server.RestartAsync();

        Assert.Equal(AdmissionRefusal.NoSeat, (await pending.WaitAsync(Patience)).Refusal);
        Assert.True(waiting.Progress.IsWaiting);
        Assert.False(node.Queue.IsAway);
    }

    /// <summary>Only a failure that lasts counts: a step that came through in between begins the time anew.</summary>
    [Fact]
    public async Task Store_FailsNowAndThen_IsNotAwayBeforeItsPatience()
    {
        var clock = new ManualTimeProvider();
        var line = new LossyStore(new RedisSeatStore(seats.Connection, seats.TakeQueue()));
        var options = new AdmissionOptions { StoreLease = TimeSpan.FromMinutes(10), StorePatience = TimeSpan.FromSeconds(1) };
        await using var queue = new AdmissionQueue(options, clock, store: line);
        await Eventually.HoldsAsync(() => line.Answered > 0, "the node has joined");
        var (beat, pause, idle) = (TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.1), clock.ArmedTimers);
        for (var time = 0; time < 3; time++)
        {
            await FailAsync(beat);
            await FailAsync(pause);
            Assert.False(queue.IsAway);
            line.IsCut = false;
            var answered = line.Answered;
            clock.Advance(pause);
            await Eventually.HoldsAsync(() => line.Answered > answered && clock.ArmedTimers == idle, "the step came through");
        }

        await FailAsync(beat);
        for (var tenth = 1; tenth < 10; tenth++)
        {
            await FailAsync(pause);
        }

        Assert.False(queue.IsAway);
        await FailAsync(pause);
        Assert.True(queue.IsAway);

        // The node calls every half second; when that failed it tries again after a tenth.
        async Task FailAsync(TimeSpan after)
        {
            line.IsCut = true;
            var lost = line.Lost;
            clock.Advance(after);
            await Eventually.HoldsAsync(() => line.Lost > lost && clock.ArmedTimers == idle + 1, "the step failed");
        }
    }

    /// <summary>
    /// A room in which both have people counts for both: when it empties on one of them, the other still uses its slot. Each opens as many rooms as it can.
    /// </summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(5, 5)]
    public async Task Store_LostByNodesWithPeopleInOneRoom_TheirRoomsAreNoMoreThanTheCap(int cap, int rooms)
    {
        var name = seats.TakeQueue();
        await using var other = LosableNode(name, cap, out var otherLine);
        await using var node = LosableNode(name, cap, out var line);
        _ = await other.SitAsync("x");
        var shared = await node.SitAsync("x");
        _ = await node.SitAsync("y");
        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot() is { ActiveRooms: 2, Seats: 3 }, "the other knows of them");

        (line.IsCut, otherLine.IsCut) = (true, true);
        await Eventually.HoldsAsync(() => node.Queue.IsAway && other.Queue.IsAway, "both know that they are alone", Patience);
        await shared.DisposeAsync();

        Assert.Equal(rooms, OpenAll(node, "a").Union(OpenAll(other, "b"), StringComparer.Ordinal).Count());
    }

    /// <summary>A reload or a resize decides anew what the share is: what was admitted of it is not there a second time.</summary>
    [Fact]
    public async Task ResizeRoom_WhileTheStoreIsAway_GivesTheShareOnce()
    {
        var name = seats.TakeQueue();
        await using var other = LosableNode(name, 4, out _);
        await using var node = LosableNode(name, 4, out var line);
        _ = await other.SitAsync("x");
        _ = await node.SitAsync("y");
        line.IsCut = true;
        await Eventually.HoldsAsync(() => node.Queue.IsAway, "it knows that it is alone", Patience);
        Assert.Equal(2, OpenAll(node, "a").Count);

        node.Queue.ResizeRoom("z", 3);

        Assert.Equal(2, OpenAll(node, "b").Count);
    }

    /// <summary>What was lost with the lease of the node is counted no longer: given back afterwards, it must not be taken off what the node holds by then.</summary>
    [Fact]
    public async Task Dispose_LeaseThatWasLostWithTheNodes_TakesNothingOffTheCount()
    {
        var name = seats.TakeQueue();
        LossyStore line = null!;
        await using var other = new AdmissionNode(seats.ConnectionString, queue: name);
        await using var node = new AdmissionNode(
            seats.ConnectionString, queue: name, configure: o => o.StorePatience = TimeSpan.FromMinutes(1), wrap: store => line = new LossyStore(store));
        AdmissionLease[] lost = [await node.SitAsync("x"), await node.SitAsync("x")];

        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot().Seats == 2, "the other knows of them");
        line.IsCut = true;
        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot().Seats == 0, "they are free", Patience);
        line.IsCut = false;
        await Eventually.HoldsAsync(() => Array.TrueForAll(lost, lease => lease.LeaseLost.IsCancellationRequested), "it is told", Patience);
        Assert.All(lost, lease => Assert.True(lease.IsReleased));
        _ = await node.SitAsync("x");
        foreach (var lease in lost)
        {
            await lease.DisposeAsync();
        }

        Assert.Equal(1, Assert.Single(node.Queue.GetSnapshot().Rooms).Seats);
        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot().Seats == 1, "one seat is taken");
    }

    /// <summary>The store has said that the seats were given to others, and is not heard of again: what is lost is known, nobody has to join to find it out.</summary>
    [Fact]
    public async Task LeaseLost_StoreGoesAwayRightAfterItSaidSo_IsToldAllTheSame()
    {
        var name = seats.TakeQueue();
        LossyStore line = null!;
        await using var other = new AdmissionNode(seats.ConnectionString, queue: name);
        await using var node = new AdmissionNode(
            seats.ConnectionString, queue: name, configure: o => o.StorePatience = TimeSpan.FromMinutes(1), wrap: store => line = new LossyStore(store));
        var lost = await node.SitAsync("x");
        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot().Seats == 1, "the other knows of it");
        line.IsCut = true;
        await Eventually.HoldsAsync(() => other.Queue.GetSnapshot().Seats == 0, "it is free", Patience);
        line.Answering = reply =>
        {
            line.IsCut |= reply.Status == SeatStepStatus.Over;
            return Task.CompletedTask;
        };

        line.IsCut = false;

        await Eventually.HoldsAsync(() => lost.LeaseLost.IsCancellationRequested, "it is told", TimeSpan.FromSeconds(30));
        Assert.True(line.IsCut);
        Assert.True(lost.IsReleased);
    }

    /// <summary>
    /// The interleaving: the store has put a visitor in its line, and the answer that says where is under way; the visitor leaves. If nothing were said, the store would
    /// call nobody up for as long as the node lives, and count one too many before each who comes later.
    /// </summary>
    [Fact]
    public async Task Leave_WhileTheAnswerIsUnderWay_IsSaidAsSoonAsTheNumberIsKnown()
    {
        LossyStore line = null!;
        await using var node = new AdmissionNode(seats.ConnectionString, room: 1, queue: seats.TakeQueue(), wrap: store => line = new LossyStore(store));
        _ = await node.SitAsync("x");
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        line.Answering = reply =>
        {
            if (reply.Answers.Count == 0)
            {
                return Task.CompletedTask;
            }

            line.Answering = static _ => Task.CompletedTask;
            asked.SetResult();
            return answer.Task;
        };
        var leaving = node.Queue.Enter(new AdmissionRequest("x"));
        await asked.Task.WaitAsync(Patience);

        await leaving.DisposeAsync();
        answer.SetResult();

        var next = await node.WaitAsync("x");
        await Eventually.HoldsAsync(() => next.Position == 1, "nobody stands before the next", TimeSpan.FromSeconds(20));
    }

    private AdmissionNode LosableNode(string name, int rooms, out LossyStore line)
    {
        LossyStore made = null!;
        var node = new AdmissionNode(
            seats.ConnectionString, rooms: rooms, queue: name, configure: o => o.StorePatience = TimeSpan.FromSeconds(2), wrap: store => made = new LossyStore(store));
        line = made;
        return node;
    }

    /// <summary>Opens rooms until no more can be opened; all that are in use on the node then.</summary>
    private static List<string> OpenAll(AdmissionNode node, string prefix)
    {
        for (var i = 0; node.Queue.TryAdmit(string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}")) is { IsAdmitted: true, Lease: { } lease }; i++)
        {
            node.Held.Add(lease);
        }

        return [.. node.Queue.GetSnapshot().Rooms.Where(static room => room.Seats > 0).Select(static room => room.Room)];
    }

    /// <summary>Empties the server; the next step of the node finds that out, and its answer stays on the way until the caller lets it go.</summary>
    private static async Task<TaskCompletionSource> WithholdAsync(RedisServer server, LossyStore line)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        line.Answering = reply =>
        {
            if (reply.Status != SeatStepStatus.Unknown)
            {
                return Task.CompletedTask;
            }

            found.SetResult();
            line.Answering = static _ => Task.CompletedTask;
            return answer.Task;
        };
        _ = await server.CommandAsync("FLUSHALL");
        await found.Task.WaitAsync(Patience);
        return answer;
    }
}
