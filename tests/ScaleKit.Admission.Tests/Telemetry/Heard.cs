using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ScaleKit.Admission.Tests;

/// <summary>What a listener hears of the meters of one factory.</summary>
internal sealed class Heard : IDisposable
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
