using System.Diagnostics.Metrics;

namespace ScaleKit.Admission;

/// <summary>The instruments of one queue.</summary>
internal sealed class AdmissionMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _admitted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _lost;
    private readonly Histogram<double> _waitDuration;
    private readonly Histogram<double> _roomDuration;
    private volatile bool _isDisposed;

    public AdmissionMetrics(IMeterFactory? factory, Func<(int Seats, int Rooms, int Waiting, TimeSpan OldestWait)> count, SaturationMonitor saturation)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(new MeterOptions(AdmissionDiagnostics.MeterName)) ?? new Meter(AdmissionDiagnostics.MeterName);
        _admitted = _meter.CreateCounter<long>(AdmissionDiagnostics.Admitted, "{visitor}", "Visitors who got a seat.");
        _refused = _meter.CreateCounter<long>(AdmissionDiagnostics.Refused, "{visitor}", "Visitors who got no seat.");
        _lost = _meter.CreateCounter<long>(AdmissionDiagnostics.Lost, "{lease}", "Leases whose seat was taken away.");
        _waitDuration = _meter.CreateHistogram<double>(
            AdmissionDiagnostics.WaitDuration, "s", "Time in the line of those who got a seat.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] });
        _roomDuration = _meter.CreateHistogram<double>(
            AdmissionDiagnostics.RoomDuration, "s", "Time from the first visitor of a room to its last.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400] });
        _ = Gauge(AdmissionDiagnostics.Seats, "{seat}", "Seats taken.", () => count().Seats);
        _ = Gauge(AdmissionDiagnostics.Rooms, "{room}", "Rooms in use.", () => count().Rooms);
        _ = Gauge(AdmissionDiagnostics.Waiting, "{waiter}", "Visitors in the line.", () => count().Waiting);
        _ = _meter.CreateObservableGauge<double>(
            AdmissionDiagnostics.OldestWait, () => _isDisposed ? [] : [new Measurement<double>(count().OldestWait.TotalSeconds)], "s", "The longest present wait.");
        _ = _meter.CreateObservableGauge(AdmissionDiagnostics.Saturated, () => Saturated(saturation), "{cap}", "Caps at 80 % or more.");
    }

    public bool MeasuresWaits => _waitDuration.Enabled;

    public bool MeasuresRooms => _roomDuration.Enabled;

    public void RecordRoom(TimeSpan inUse) => _roomDuration.Record(inUse.TotalSeconds);

    public void CountAdmitted(AdmissionCap waitedFor)
    {
        if (_admitted.Enabled)
        {
            _admitted.Add(1, new KeyValuePair<string, object?>(AdmissionDiagnostics.CapTag, NameOf(waitedFor)));
        }
    }

    public void CountRefused(in AdmissionResult result)
    {
        if (_refused.Enabled)
        {
            _refused.Add(
                1,
                new KeyValuePair<string, object?>(AdmissionDiagnostics.CapTag, NameOf(result.BindingCap)),
                new KeyValuePair<string, object?>(AdmissionDiagnostics.RefusalTag, NameOf(result.Refusal)));
        }
    }

    public void CountLost(string loss, int leases = 1) => _lost.Add(leases, new KeyValuePair<string, object?>(AdmissionDiagnostics.LossTag, loss));

    public void RecordWait(TimeSpan wait, AdmissionCap waitedFor) =>
        _waitDuration.Record(wait.TotalSeconds, new KeyValuePair<string, object?>(AdmissionDiagnostics.CapTag, NameOf(waitedFor)));

    /// <summary>A factory's meter lives on, and so do its callbacks: from here on they report nothing.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }

    public static string NameOf(AdmissionCap cap) => cap switch
    {
        AdmissionCap.Room => "room",
        AdmissionCap.ActiveRooms => "active_rooms",
        AdmissionCap.Total => "total",
        _ => "none",
    };

    public static string NameOf(AdmissionRefusal refusal) => refusal switch
    {
        AdmissionRefusal.NoSeat => "no_seat",
        AdmissionRefusal.QueueFull => "queue_full",
        AdmissionRefusal.RoomQueueFull => "room_queue_full",
        AdmissionRefusal.DeadlineExceeded => "deadline_exceeded",
        AdmissionRefusal.Cancelled => "cancelled",
        AdmissionRefusal.Draining => "draining",
        AdmissionRefusal.DeadlineHopeless => "deadline_hopeless",
        AdmissionRefusal.Overloaded => "overloaded",
        AdmissionRefusal.AlreadyPresent => "already_present",
        AdmissionRefusal.Replaced => "replaced",
        AdmissionRefusal.Undecided => "undecided",
        _ => "none",
    };

    private static Measurement<int> Of(int value, AdmissionCap cap) =>
        new(value, new KeyValuePair<string, object?>(AdmissionDiagnostics.CapTag, NameOf(cap)));

    private ObservableGauge<int> Gauge(string name, string unit, string description, Func<int> read) =>
        _meter.CreateObservableGauge<int>(name, () => _isDisposed ? [] : [new Measurement<int>(read())], unit, description);

    private IEnumerable<Measurement<int>> Saturated(SaturationMonitor saturation) =>
        _isDisposed
            ? []
            :
            [
                Of(saturation.SaturatedRooms, AdmissionCap.Room),
                Of(saturation.ActiveRoomsSaturated ? 1 : 0, AdmissionCap.ActiveRooms),
                Of(saturation.TotalSaturated ? 1 : 0, AdmissionCap.Total),
            ];
}
