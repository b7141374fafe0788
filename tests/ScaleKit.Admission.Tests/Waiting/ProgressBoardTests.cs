namespace ScaleKit.Admission.Tests;

/// <summary>What is pushed and what is not, read from the watcher itself: an enumeration would answer a moment later.</summary>
public sealed class ProgressBoardTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    [Fact]
    public void Sweep_NothingChanged_PushesNothing()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var ticket = crowd.Wait("a");
        var watcher = crowd.Queue.Watch(ticket.Waiter!)!;
        Assert.True(watcher.Updates.TryRead(out var first));
        Assert.Equal(1, first.Position);

        crowd.Clock.Advance(3 * Interval);

        Assert.False(watcher.Updates.TryRead(out _));
    }

    [Fact]
    public void Sweep_LineMovesTwiceWithinAnInterval_PushesOnceAfterIt()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var tickets = Enumerable.Range(0, 3).Select(_ => crowd.Wait("a")).ToArray();
        var watcher = crowd.Queue.Watch(tickets[2].Waiter!)!;
        Assert.True(watcher.Updates.TryRead(out _));

        tickets[0].Waiter!.Leave();
        tickets[1].Waiter!.Leave();
        Assert.False(watcher.Updates.TryRead(out _));
        crowd.Clock.Advance(Interval);

        Assert.True(watcher.Updates.TryRead(out var moved));
        Assert.Equal(1, moved.Position);
        Assert.False(watcher.Updates.TryRead(out _));
    }
}
