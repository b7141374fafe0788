using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
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

    private sealed class Heard : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, string Tags, double Value)> _measurements = new();

        public Heard(TestMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (factory.Meters.Contains(instrument.Meter))
                {
                    Assert.Equal(AdmissionDiagnostics.MeterName, instrument.Meter.Name);
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.Start();
        }

        public IEnumerable<string> All => _measurements.Select(measurement => $"{measurement.Name} {measurement.Tags}");

        public double Sum(string name, string tags) =>
            _measurements.Where(m => string.Equals(m.Name, name, StringComparison.Ordinal) && string.Equals(m.Tags, tags, StringComparison.Ordinal)).Sum(m => m.Value);

        public double Last(string name) => _measurements.Last(m => string.Equals(m.Name, name, StringComparison.Ordinal)).Value;

        public void Observe() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _measurements.Enqueue((instrument.Name, string.Join('|', tags.ToArray().Select(tag => tag.Value)), value));
    }

    private sealed class TestMeterFactory : IMeterFactory
    {
        public ConcurrentBag<Meter> Meters { get; } = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            Meters.Add(meter);
            return meter;
        }

        public void Dispose()
        {
            foreach (var meter in Meters)
            {
                meter.Dispose();
            }
        }
    }
}
