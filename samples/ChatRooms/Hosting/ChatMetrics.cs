using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ChatRooms;

/// <summary>The application's own meter, beside those of the packages.</summary>
internal sealed class ChatMetrics : IDisposable
{
    public const string MeterName = "ChatRooms";
    public const string PostDuration = "chatrooms.post.duration";
    public const string JoinDuration = "chatrooms.join.duration";
    public const string SessionDuration = "chatrooms.session.duration";
    public const string HistoryDuration = "chatrooms.history.duration";
    public const string Messages = "chatrooms.messages";

    private readonly Meter _meter;
    private readonly Histogram<double> _post;
    private readonly Histogram<double> _join;
    private readonly Histogram<double> _session;
    private readonly Histogram<double> _history;
    private readonly Counter<long> _messages;

    public ChatMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _post = _meter.CreateHistogram<double>(PostDuration, "s", "From the arrival of a post to its acknowledgement.");
        _join = _meter.CreateHistogram<double>(JoinDuration, "s", "From the wish to join to the seat, the time in line included.");
        _session = _meter.CreateHistogram<double>(SessionDuration, "s", "One look-up of a session.");
        _history = _meter.CreateHistogram<double>(HistoryDuration, "s", "One page of history.");
        _messages = _meter.CreateCounter<long>(Messages, "{message}", "Messages stored and acknowledged.");
    }

    public void MessagePosted(long started)
    {
        _post.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        _messages.Add(1);
    }

    public void Joined(long started) => _join.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);

    public void SessionChecked(long started) => _session.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);

    public void HistoryRead(long started) => _history.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
