namespace ScaleKit.Admission.Tests;

/// <summary>Caps that change while running, and the kill switch.</summary>
public sealed class AdmissionQueueCapsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Resize_BelowOne_IsRefusedByNameAndChangesNothing(int cap)
    {
        using var crowd = new Crowd(total: 5);

        Assert.Equal("roomCapacity", Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.Resize(roomCapacity: cap)).ParamName);
        Assert.Equal("activeRooms", Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.Resize(activeRooms: cap)).ParamName);
        Assert.Equal("totalCapacity", Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.Resize(1, 1, cap)).ParamName);
        Assert.Equal((8, 100, 5), (crowd.Queue.GetSnapshot().RoomCapacity, crowd.Queue.GetSnapshot().ActiveRoomCapacity, crowd.Queue.GetSnapshot().TotalCapacity));
    }

    [Fact]
    public async Task IsEnabled_SwitchedOff_AdmitsAllWhoWaitAndWhoComeAndGoesOnCounting()
    {
        using var crowd = new Crowd(room: 1, rooms: 1, total: 1);
        var lease = crowd.Sit("a");
        var waiting = new[] { crowd.Wait("a"), crowd.Wait("b"), crowd.Wait("c") };

        crowd.Queue.IsEnabled = false;

        foreach (var ticket in waiting)
        {
            Assert.True(Crowd.Done(ticket).IsAdmitted);
        }

        _ = crowd.Sit("d");
        await lease.DisposeAsync();
        Assert.Equal((4, 4, 0, false), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.GetSnapshot().ActiveRooms, crowd.Queue.GetSnapshot().Waiting, crowd.Queue.IsEnabled));
        Assert.Equal((0, 0), (crowd.Queue.Holdings.Linked, crowd.Queue.Holdings.Deadlines));
    }

    [Fact]
    public async Task IsEnabled_SwitchedOnAgainOverTheCaps_AdmitsNobodyUntilUnder()
    {
        using var crowd = new Crowd(total: 1);
        crowd.Queue.IsEnabled = false;
        var leases = new[] { crowd.Sit("a"), crowd.Sit("a"), crowd.Sit("b") };
        crowd.Queue.IsEnabled = true;
        var ticket = crowd.Wait("b");

        await leases[0].DisposeAsync();
        await leases[1].DisposeAsync();
        Assert.False(ticket.Completion.IsCompleted);

        await leases[2].DisposeAsync();
        Assert.True(Crowd.Done(ticket).IsAdmitted);
    }

    [Fact]
    public void Update_NewOptions_TakesAllOfThem()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");

        crowd.Queue.Update(new AdmissionOptions { RoomCapacity = 1, QueueCapacity = 0, MaximumNameLength = 3 });

        Assert.Equal(AdmissionRefusal.QueueFull, crowd.Answer("a").Refusal);
        _ = Assert.Throws<ArgumentException>(() => crowd.Queue.TryAdmit("abcd"));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.Update(new AdmissionOptions { TotalCapacity = 0 }));
    }

    /// <summary>Somebody presses the switch, then a file is saved for another reason: the switch must stay where it was put.</summary>
    [Fact]
    public void Update_EnabledUnchanged_LeavesTheSwitchWhereItWasPut()
    {
        using var crowd = new Crowd();
        crowd.Queue.IsEnabled = false;

        crowd.Queue.Update(new AdmissionOptions { TotalCapacity = 5 });
        Assert.False(crowd.Queue.IsEnabled);

        crowd.Queue.Update(new AdmissionOptions { Enabled = false });
        crowd.Queue.Update(new AdmissionOptions { Enabled = true });
        Assert.True(crowd.Queue.IsEnabled);
    }

    [Fact]
    public void Options_ChangedAfterwards_ChangeNothing()
    {
        var options = new AdmissionOptions { TotalCapacity = 1 };
        using var queue = new AdmissionQueue(options);

        options.TotalCapacity = 100;

        Assert.True(queue.TryAdmit("a").IsAdmitted);
        Assert.False(queue.TryAdmit("a").IsAdmitted);
    }
}
