namespace ScaleKit.Admission.Tests;

public sealed class AdmissionDisciplineTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task AdaptiveLifo_Burst_IsServedInOrder()
    {
        using var crowd = Adaptive();
        var seat = crowd.Sit("a");
        var (first, second) = (crowd.Wait("a"), crowd.Wait("a"));
        crowd.Clock.Advance(Interval);

        await seat.DisposeAsync();

        Assert.True(Crowd.Done(first).IsAdmitted);
        Assert.Equal(1, second.Position);
    }

    [Fact]
    public async Task AdaptiveLifo_Overloaded_ServesTheFreshAndRefusesTheStale()
    {
        using var crowd = Adaptive();
        var seat = crowd.Sit("a");
        var (stale, staler) = (crowd.Wait("a"), crowd.Wait("a"));
        crowd.Clock.Advance(Interval + TimeSpan.FromMilliseconds(1));
        var fresh = crowd.Wait("a");
        crowd.Clock.Advance(Target);
        var freshest = crowd.Wait("a");

        await seat.DisposeAsync();

        Assert.True(Crowd.Done(freshest).IsAdmitted);
        Assert.Equal(1, fresh.Position);
        Assert.All(new[] { stale, staler }, ticket => Assert.Equal((AdmissionRefusal.Overloaded, Interval), (Crowd.Done(ticket).Refusal, Crowd.Done(ticket).RetryAfter)));
        Assert.Equal(1, crowd.Queue.Holdings.Linked);
    }

    /// <summary>In overload the target counts, which is shorter than the interval.</summary>
    [Fact]
    public async Task AdaptiveLifo_OverloadedAndLongerThanTheTarget_IsRefused()
    {
        using var crowd = Adaptive();
        var seat = crowd.Sit("a");
        _ = crowd.Wait("a");
        crowd.Clock.Advance(Interval / 2);
        var late = crowd.Wait("a");
        crowd.Clock.Advance((Interval / 2) + TimeSpan.FromMilliseconds(1));
        var fresh = crowd.Wait("a");

        await seat.DisposeAsync();

        Assert.Equal(AdmissionRefusal.Overloaded, Crowd.Done(late).Refusal);
        Assert.True(Crowd.Done(fresh).IsAdmitted);
    }

    [Fact]
    public async Task AdaptiveLifo_OnlyStaleOnesWait_LeavesNoSeatEmpty()
    {
        using var crowd = Adaptive();
        var seat = crowd.Sit("a");
        var (older, newer) = (crowd.Wait("a"), crowd.Wait("a"));
        crowd.Clock.Advance(TimeSpan.FromSeconds(10));

        await seat.DisposeAsync();

        Assert.Equal(AdmissionRefusal.Overloaded, Crowd.Done(older).Refusal);
        Assert.True(Crowd.Done(newer).IsAdmitted);
        Assert.Equal((0, 0), (crowd.Queue.Holdings.Linked, crowd.Queue.Holdings.Deadlines));
    }

    [Fact]
    public async Task AdaptiveLifo_LineWasEmpty_IsABurstAgain()
    {
        using var crowd = Adaptive();
        var seat = crowd.Sit("a");
        var first = crowd.Wait("a");
        crowd.Clock.Advance(Interval * 3);
        await seat.DisposeAsync();
        var (second, third) = (crowd.Wait("a"), crowd.Wait("a"));
        crowd.Clock.Advance(Interval / 2);

        await Crowd.Done(first).Lease!.DisposeAsync();

        Assert.True(Crowd.Done(second).IsAdmitted);
        Assert.Equal(1, third.Position);
    }

    [Fact]
    public async Task Fifo_WaitOfAnyLength_RefusesNobody()
    {
        using var crowd = new Crowd(room: 1);
        var seat = crowd.Sit("a");
        var (first, second) = (crowd.Wait("a"), crowd.Wait("a"));
        crowd.Clock.Advance(TimeSpan.FromMinutes(4));

        await seat.DisposeAsync();

        Assert.True(Crowd.Done(first).IsAdmitted);
        Assert.Equal(1, second.Position);
    }

    /// <summary>Three of the heavy room, then one of each other: nobody waits for more than the sum of the others' weights.</summary>
    [Fact]
    public async Task RoomWeights_TotalBinds_ServesRoomsByWeightAndStarvesNobody()
    {
        using var crowd = new Crowd(room: 100, total: 1, configure: options => options.RoomWeights["heavy"] = 3);
        var seat = crowd.Sit("hall");
        var line = new[] { "heavy", "light", "other" }.SelectMany(room => Enumerable.Range(0, 6).Select(_ => crowd.Wait(room))).ToList();
        var served = new List<string>();
        for (var turn = 0; turn < 10; turn++)
        {
            await seat.DisposeAsync();
            var next = line.Single(ticket => ticket.Completion.IsCompleted);
            seat = Crowd.Done(next).Lease!;
            _ = line.Remove(next);
            served.Add(next.Room);
        }

        // A room that comes into use begins its turn anew.
        Assert.Equal("heavy light other heavy heavy heavy light other heavy heavy", string.Join(' ', served));
    }

    private static Crowd Adaptive() => new(room: 1, configure: options =>
        (options.Discipline, options.OverloadTarget, options.OverloadInterval) = (AdmissionDiscipline.AdaptiveLifo, Target, Interval));
}
