using System.Threading.Channels;

namespace ScaleKit.Admission;

/// <summary>One enumeration of one ticket's progress. Keeps the newest update only: a slow reader never makes anybody wait.</summary>
internal sealed class ProgressWatcher(Waiter waiter)
{
    private readonly Channel<AdmissionProgress> _updates = Channel.CreateBounded<AdmissionProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private AdmissionProgress _last;

    public Waiter Waiter { get; } = waiter;

    public ProgressWatcher? Previous { get; set; }

    public ProgressWatcher? Next { get; set; }

    public ChannelReader<AdmissionProgress> Updates => _updates.Reader;

    /// <summary>Remembers <paramref name="progress"/> and tells whether it is news. Under the queue's lock.</summary>
    public bool IsNews(in AdmissionProgress progress)
    {
        if (_last == progress)
        {
            return false;
        }

        _last = progress;
        return true;
    }

    public void Push(in AdmissionProgress progress) => _ = _updates.Writer.TryWrite(progress);

    public void Finish(in AdmissionResult outcome)
    {
        Push(new AdmissionProgress { Refusal = outcome.Refusal, BindingCap = outcome.IsAdmitted ? AdmissionCap.None : outcome.BindingCap });
        _ = _updates.Writer.TryComplete();
    }
}
