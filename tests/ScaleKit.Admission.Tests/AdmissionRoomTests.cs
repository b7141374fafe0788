namespace ScaleKit.Admission.Tests;

/// <summary>Rooms with a number of seats of their own, and rooms that come into use and go out of it.</summary>
public sealed class AdmissionRoomTests
{
    [Fact]
    public void ResizeRoom_BadInput_IsRefusedByName()
    {
        using var crowd = new Crowd();

        Assert.Equal("capacity", Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.ResizeRoom("a", 0)).ParamName);
        Assert.Equal("room", Assert.Throws<ArgumentException>(() => crowd.Queue.ResizeRoom("", 1)).ParamName);
        var bad = new AdmissionOptions { RoomCapacities = { ["evil\n"] = -1 } };
        Assert.Contains("evil\\u000A", Assert.Throws<ArgumentOutOfRangeException>(() => new AdmissionQueue(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RoomCapacities_ChangedAfterwards_ChangeNothing()
    {
        var options = new AdmissionOptions { RoomCapacity = 1 };
        using var queue = new AdmissionQueue(options);
        options.RoomCapacities["a"] = 5;

        using var held = new CancellationTokenSource();
        var lease = queue.TryAdmit("a").Lease;
        Assert.False(queue.TryAdmit("a").IsAdmitted);
        GC.KeepAlive(lease);
    }

    [Fact]
    public async Task RoomChanged_SeatPassesFromHandToHand_TellsNothing()
    {
        using var crowd = new Crowd(room: 1);
        var told = 0;
        crowd.Queue.RoomChanged += (_, _) => told++;
        var lease = crowd.Sit("a");
        var next = crowd.Wait("a");

        await lease.DisposeAsync();

        Assert.True(Crowd.Done(next).IsAdmitted);
        Assert.Equal(1, told);
    }

    /// <summary>A room that has a loan when somebody begins to listen: the last visitor's leave must not slip by without the lock.</summary>
    [Fact]
    public async Task RoomChanged_ListeningBeginsWhileInUse_TellsTheEnd()
    {
        using var crowd = new Crowd();
        var lease = crowd.Sit("a");
        Assert.True(crowd.Queue.HasLoans);
        var told = new List<bool>();
        crowd.Queue.RoomChanged += Listen;
        var other = crowd.Sit("a");

        await other.DisposeAsync();
        await lease.DisposeAsync();
        Assert.Equal([false], told);

        crowd.Queue.RoomChanged -= Listen;
        _ = crowd.Sit("a");
        Assert.Equal([false], told);

        void Listen(object? sender, AdmissionRoomEventArgs change) => told.Add(change.IsInUse);
    }
}
