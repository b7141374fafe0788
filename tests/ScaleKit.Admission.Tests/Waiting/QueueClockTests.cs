using System.Diagnostics;
using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class QueueClockTests
{
    /// <summary>The queue reads the tick of the kernel, which is behind by some milliseconds: who comes just before it moves must not be told that much too early.</summary>
    [Fact]
    public async Task Deadline_OnTheSystemsClock_IsNeverEarly()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1, RoomQueueCapacity = 2000 });
        await using var seat = queue.TryAdmit("lobby").Lease!;

        var waits = new List<Task<double>>();
        for (var i = 0; i < 1500; i++)
        {
            waits.Add(WaitAsync(TimeSpan.FromMilliseconds(1 + (i % 40))));
            Thread.SpinWait(1000);
        }

        Assert.All(await Task.WhenAll(waits), early => Assert.True(early >= 0, $"{-early} ms too early"));

        async Task<double> WaitAsync(TimeSpan deadline)
        {
            var began = Stopwatch.GetTimestamp();
            var result = await queue.AdmitAsync(new AdmissionRequest("lobby") { Deadline = deadline }).ConfigureAwait(false);
            Assert.Equal(AdmissionRefusal.DeadlineExceeded, result.Refusal);
            return (Stopwatch.GetElapsedTime(began) - deadline).TotalMilliseconds;
        }
    }

    /// <summary>The same without chance: as far as the clock can be behind, everybody waits longer.</summary>
    [Fact]
    public async Task Deadline_OnTheSystemsClock_IsLongerByWhatTheClockCanBeBehind()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 });
        await using var seat = queue.TryAdmit("lobby").Lease!;
        await using var ticket = queue.Enter(new AdmissionRequest("lobby") { Deadline = TimeSpan.FromMinutes(1) });

        var waiter = ticket.Waiter!;

        Assert.Equal(DeadlineWheel.TickAt(waiter.EnteredAt + TimeSpan.FromMilliseconds(60_016)), waiter.Due);
    }

    /// <summary>Nobody loses a seat too early either: the visitor that entered before tells how late it is.</summary>
    [Fact]
    public async Task HoldAndBeat_OnTheSystemsClock_LastLongerByWhatTheClockCanBeBehind()
    {
        var (hold, behind) = (TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(16));
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1, MaximumHold = hold, IdleTimeout = hold });
        await using var full = queue.TryAdmit("full").Lease!;
        await using var before = queue.Enter(new AdmissionRequest("full"));
        var now = before.Waiter!.EnteredAt;

        await using var lease = queue.TryAdmit("lobby").Lease!;
        Assert.True(lease.Seat.HoldEnds >= now + hold + behind, $"{lease.Seat.HoldEnds} after {now}");
        lease.Seat.LastBeat = 0;
        Assert.True(lease.Beat());

        Assert.True(lease.Seat.LastBeat >= (now + behind).Ticks, $"{new TimeSpan(lease.Seat.LastBeat)} after {now}");
    }

    [Fact]
    public void Now_AnotherClock_IsExact()
    {
        var time = new ManualTimeProvider();
        var clock = new QueueClock(time, isExact: false);

        time.Advance(TimeSpan.FromTicks(12_345));

        Assert.Equal((TimeSpan.FromTicks(12_345), TimeSpan.Zero), (clock.Now, clock.Lag));
    }
}
