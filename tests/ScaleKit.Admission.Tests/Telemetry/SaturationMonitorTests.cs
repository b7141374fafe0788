using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.Admission.Tests;

public sealed class SaturationMonitorTests
{
    [Fact]
    public async Task Saturation_TotalUpAndDown_IsRaisedAt80AndClearedAt70Percent()
    {
        using var crowd = new Crowd(room: 100, rooms: 100, total: 20);
        var changes = Listen(crowd.Queue);
        var leases = new Stack<AdmissionLease>(Enumerable.Range(0, 15).Select(_ => crowd.Sit("a")));
        Assert.Empty(changes);

        leases.Push(crowd.Sit("a"));
        Assert.Equal((AdmissionCap.Total, true, null, 16, 20), Assert.Single(changes));
        await leases.Pop().DisposeAsync();
        leases.Push(crowd.Sit("a"));
        await leases.Pop().DisposeAsync();
        Assert.Single(changes);

        await leases.Pop().DisposeAsync();
        Assert.Equal((AdmissionCap.Total, false, null, 14, 20), changes[^1]);
        leases.Push(crowd.Sit("a"));
        Assert.Equal(2, changes.Count);
        leases.Push(crowd.Sit("a"));
        Assert.Equal(3, changes.Count);
    }

    [Fact]
    public void Raise_CapsAndARoom_LogsEachChangeOfTheCapsAndNoRoom()
    {
        using var log = new ListLogger();
        var monitor = new SaturationMonitor(log, static _ => { }, static () => true);

        monitor.ObserveTotal(8, 10);
        monitor.Post(new AdmissionSaturationEventArgs(AdmissionCap.Room, isSaturated: true, "secret", used: 4, capacity: 5));
        monitor.ObserveTotal(7, 10);
        monitor.Raise();

        Assert.Equal(["Admission: Total is at 80 % or more: 8 of 10.", "Admission: Total is at 70 % or less again: 7 of 10."], log.Lines);
    }

    // Raised by two threads, the later change could be heard before the earlier one, and both at once.
    [Fact]
    public async Task Raise_WhileAHandlerRuns_LeavesTheNextChangeToThatThread()
    {
        using var goOn = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new ConcurrentQueue<bool>();
        var monitor = new SaturationMonitor(
            NullLogger.Instance,
            change =>
            {
                heard.Enqueue(((AdmissionSaturationEventArgs)change).IsSaturated);
                entered.TrySetResult();
                goOn.Wait();
            },
            static () => true);
        monitor.ObserveTotal(8, 10);
        var raising = Task.Run(monitor.Raise);
        await entered.Task;

        monitor.ObserveTotal(7, 10);
        await Task.Run(monitor.Raise).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.Equal([true], heard);
        goOn.Set();
        await raising;

        Assert.Equal([true, false], heard);
    }

    [Fact]
    public async Task Saturation_EachCap_IsReportedByItself()
    {
        using var crowd = new Crowd(room: 5, rooms: 5, total: 1000);
        var changes = Listen(crowd.Queue);
        var inA = Enumerable.Range(0, 4).Select(_ => crowd.Sit("a")).ToArray();
        Assert.Equal((AdmissionCap.Room, true, "a", 4, 5), Assert.Single(changes));

        _ = crowd.Sit("b");
        _ = crowd.Sit("c");
        var d = crowd.Sit("d");
        Assert.Equal((AdmissionCap.ActiveRooms, true, null, 4, 5), changes[^1]);

        await inA[0].DisposeAsync();
        Assert.Equal((AdmissionCap.Room, false, "a", 3, 5), changes[^1]);
        await d.DisposeAsync();
        Assert.Equal((AdmissionCap.ActiveRooms, false, null, 3, 5), changes[^1]);
    }

    /// <summary>A seat that goes from hand to hand was never free: with a cap of one, every hand-over would otherwise ring twice.</summary>
    [Fact]
    public async Task Saturation_HandOver_IsNoChange()
    {
        using var crowd = new Crowd(room: 1, rooms: 1, total: 1);
        var lease = crowd.Sit("a");
        var changes = Listen(crowd.Queue);
        for (var i = 0; i < 3; i++)
        {
            var next = crowd.Wait("a");
            await lease.DisposeAsync();
            lease = (await next.Completion).Lease!;
        }

        Assert.Empty(changes);
    }

    [Fact]
    public void Saturation_Resize_IsSeen()
    {
        using var crowd = new Crowd(room: 100, total: 100);
        for (var i = 0; i < 10; i++)
        {
            _ = crowd.Sit("a");
        }

        var changes = Listen(crowd.Queue);
        crowd.Queue.Resize(totalCapacity: 12, roomCapacity: 12);
        crowd.Queue.Resize(totalCapacity: 20);

        Assert.Equal(
            [(AdmissionCap.Room, true, "a", 10, 12), (AdmissionCap.Total, true, null, 10, 12), (AdmissionCap.Total, false, null, 10, 20)], changes);
    }

    [Fact]
    public async Task Saturation_HandlerThrowsOrCallsBack_HarmsNobody()
    {
        var logger = new ListLogger();
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 2, TotalCapacity = 1 }, logger: logger);
        var inside = new List<AdmissionRefusal>();
        queue.Saturation += (_, change) =>
        {
            if (change.IsSaturated)
            {
                inside.Add(queue.TryAdmit("b").Refusal);
            }
        };
        queue.Saturation += (_, _) => throw new InvalidOperationException("handler");

        var result = queue.TryAdmit("a");

        Assert.True(result.IsAdmitted);
        Assert.Equal([AdmissionRefusal.NoSeat], inside);
        Assert.Contains(logger.Lines, line => line.Contains("handler of an event", StringComparison.Ordinal));
        await result.Lease.DisposeAsync();
        Assert.Equal(0, queue.GetSnapshot().Seats);
    }

    [Fact]
    public void Constructor_CapsThatNeverBind_AreWarnedAbout()
    {
        var logger = new ListLogger();

        using var queue = new AdmissionQueue(new AdmissionOptions { TotalCapacity = 5 }, logger: logger);

        Assert.Equal(2, logger.Lines.Count(line => line.Contains("can never bind", StringComparison.Ordinal)));
    }

    private static List<(AdmissionCap Cap, bool IsSaturated, string? Room, int Used, int Capacity)> Listen(AdmissionQueue queue)
    {
        var changes = new List<(AdmissionCap Cap, bool IsSaturated, string? Room, int Used, int Capacity)>();
        queue.Saturation += (sender, change) =>
        {
            Assert.Same(queue, sender);
            changes.Add((change.Cap, change.IsSaturated, change.Room, change.Used, change.Capacity));
        };
        return changes;
    }
}
