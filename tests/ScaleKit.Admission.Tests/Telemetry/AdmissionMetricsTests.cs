using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionMetricsTests
{
    [Fact]
    public async Task Meter_AdmissionsRefusalsAndWaits_AreCountedByCap()
    {
        using var factory = new TestMeterFactory();
        var clock = new ManualTimeProvider();
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 }, clock, meterFactory: factory);
        using var heard = new Heard(factory);
        var lease = queue.TryAdmit("secret-room", "secret-client").Lease!;
        _ = queue.TryAdmit("secret-room");
        var waiting = queue.AdmitAsync(new AdmissionRequest("secret-room"));
        clock.Advance(TimeSpan.FromSeconds(3));
        await lease.DisposeAsync();
        _ = await waiting;

        Assert.Equal(1, heard.Sum(AdmissionDiagnostics.Admitted, "none"));
        Assert.Equal(1, heard.Sum(AdmissionDiagnostics.Admitted, "room"));
        Assert.Equal(1, heard.Sum(AdmissionDiagnostics.Refused, "room|no_seat"));
        Assert.Equal(3, heard.Sum(AdmissionDiagnostics.WaitDuration, "room"));
        Assert.DoesNotContain(heard.All, text => text.Contains("secret", StringComparison.Ordinal));
    }

    /// <summary>Once it was told its answer a visitor may be used for another at once: here by a context that runs what it is given on the spot.</summary>
    [Fact]
    public async Task Meter_AnswerReadWhileItIsBeingTold_IsCountedAsWhatItWas()
    {
        using var factory = new TestMeterFactory();
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 }, meterFactory: factory);
        using var heard = new Heard(factory);
        var lease = queue.TryAdmit("a").Lease!;
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new OnTheSpot());
        var reading = ReadAsync();
        SynchronizationContext.SetSynchronizationContext(before);

        await lease.DisposeAsync();

        Assert.True(reading is { IsCompleted: true, Result.IsAdmitted: true });
        Assert.Equal(1, heard.Sum(AdmissionDiagnostics.Admitted, "room"));
        Assert.DoesNotContain(heard.All, static text => text.StartsWith(AdmissionDiagnostics.Refused, StringComparison.Ordinal));

        async Task<AdmissionResult> ReadAsync() => await queue.AdmitAsync(new AdmissionRequest("a"));
    }

    [Fact]
    public async Task Meter_RoomDuration_IsFromTheFirstVisitorToTheLast()
    {
        using var factory = new TestMeterFactory();
        var clock = new ManualTimeProvider();
        await using var queue = new AdmissionQueue(new AdmissionOptions(), clock, meterFactory: factory);
        using var heard = new Heard(factory);
        heard.Observe();

        var (first, second) = (queue.TryAdmit("a").Lease!, queue.TryAdmit("a").Lease!);
        clock.Advance(TimeSpan.FromSeconds(30));
        await first.DisposeAsync();
        clock.Advance(TimeSpan.FromSeconds(12));
        await second.DisposeAsync();

        Assert.Equal(42, heard.Sum(AdmissionDiagnostics.RoomDuration, ""));
    }

    [Fact]
    public async Task Meter_Gauges_ShowTheMomentAndNothingAfterDispose()
    {
        using var factory = new TestMeterFactory();
        var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1, ActiveRooms = 2 }, meterFactory: factory);
        using var heard = new Heard(factory);
        await using var one = queue.TryAdmit("a").Lease!;
        await using var two = queue.TryAdmit("b").Lease!;
        _ = queue.Enter(new AdmissionRequest("b"));

        heard.Observe();
        Assert.Equal((2, 2, 1), (heard.Last(AdmissionDiagnostics.Seats), heard.Last(AdmissionDiagnostics.Rooms), heard.Last(AdmissionDiagnostics.Waiting)));
        Assert.Equal(2, heard.Sum(AdmissionDiagnostics.Saturated, "room"));
        Assert.Equal(1, heard.Sum(AdmissionDiagnostics.Saturated, "active_rooms"));
        Assert.Equal(0, heard.Sum(AdmissionDiagnostics.Saturated, "total"));

        await queue.DisposeAsync();
        var before = heard.All.Count();
        heard.Observe();
        Assert.Equal(before, heard.All.Count());
    }

    private sealed class OnTheSpot : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }
}
