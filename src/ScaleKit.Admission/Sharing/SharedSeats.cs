using System.Security.Cryptography;

namespace ScaleKit.Admission;

/// <summary>
/// The node's side of an <see cref="ISeatStore"/>: gathers what visitors ask while one step is under way into the next, keeps the epoch alive, and joins anew when
/// the store has lost it. One step at a time, so that a lost answer is asked for again by the same number. What is marked so is guarded by the queue's lock.
/// </summary>
internal sealed class SharedSeats : IDisposable
{
    private const int MostActions = 1024;
    private const int MostLocated = 256;
    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.1);

    private readonly AdmissionQueue _queue;
    private readonly ISeatStore _store;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lease;
    private readonly SemaphoreSlim _signal = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _beat;
    private readonly Telling _telling;
    private readonly Queue<SeatAsk> _located = new();
    private List<(SeatAction Action, SeatAsk? Ask)> _next = [];
    private List<(SeatAction Action, SeatAsk? Ask)> _sent = [];
    private SeatCaps? _caps;
    private IDisposable _subscription;
    private string _node = NewNode();
    private long _epoch;
    private long _sequence;
    private int _isSignalled;
    private int _isBeatDue;
    private volatile bool _mustJoin = true;
    private volatile bool _decides = true;
    private long _failingSince;

    public SharedSeats(AdmissionQueue queue, ISeatStore store, TimeProvider time, TimeSpan lease)
    {
        (_queue, _store, _time, _lease, _telling) = (queue, store, time, lease, new Telling(queue.Tell));
        var beat = lease / 4 < LongestBeat ? lease / 4 : LongestBeat;
        _beat = time.CreateTimer(static seats => ((SharedSeats)seats!).Beat(), this, beat, beat);
        _subscription = store.Subscribe(_node, Beat);
        Running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Whether the store decides; otherwise the queue does, within its share. Written under the lock.</summary>
    public bool Decides { get => _decides; set => _decides = value; }

    /// <summary>Visitors that stand in the line of the store, by their number there. Guarded.</summary>
    public Dictionary<long, SeatAsk> Standing { get; } = [];

    /// <summary>The sums as last told; null before the first answer. Guarded.</summary>
    public SeatReply? Known { get; set; }

    public Task Running { get; }

    public void Enter_NeedsLock(SeatAsk ask, int capacity) => Add_NeedsLock(ask.ToAction(SeatActionKind.Enter, capacity), ask);

    public void GiveBack_NeedsLock(string room) => Add_NeedsLock(new SeatAction(SeatActionKind.GiveBack, room), ask: null);

    public void Withdraw_NeedsLock(SeatAsk ask)
    {
        ask.Waiter = null;
        if (Decides && ask.Number > 0)
        {
            Add_NeedsLock(ask.ToAction(SeatActionKind.Withdraw), ask);
        }
    }

    /// <summary>Follows the place of one who wants to know it.</summary>
    public void Locate_NeedsLock(SeatAsk ask) => _located.Enqueue(ask);

    public void ResizeRoom_NeedsLock(string room, int capacity) => Add_NeedsLock(new SeatAction(SeatActionKind.Resize, room) { Capacity = capacity }, ask: null);

    public void Resize_NeedsLock(SeatCaps caps)
    {
        _caps = caps;
        Signal();
    }

    /// <summary>Says anew what the node holds and who waits: the queue has decided by itself for a time. Guarded.</summary>
    public void Join_NeedsLock()
    {
        _mustJoin = true;
        Signal();
    }

    /// <summary>Forgets what was to be sent and what was answered: what is said next says it all. Guarded.</summary>
    public void Clear_NeedsLock()
    {
        _next.Clear();
        _located.Clear();
        Standing.Clear();
    }

    /// <summary>Gives all seats back and ends. The last step may fail: then they come free with the lease.</summary>
    public void Dispose()
    {
        _beat.Dispose();
        _stopping.Cancel();
        _subscription.Dispose();
    }

    private static string NewNode() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    private void Add_NeedsLock(SeatAction action, SeatAsk? ask)
    {
        if (!_stopping.IsCancellationRequested)
        {
            _next.Add((action, ask));
            Signal();
        }
    }

    private void Beat()
    {
        Volatile.Write(ref _isBeatDue, 1);
        Signal();
    }

    private void Signal()
    {
        if (Interlocked.Exchange(ref _isSignalled, 1) == 0)
        {
            _ = _signal.Release();
        }
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (!_mustJoin || await JoinAsync().ConfigureAwait(false))
                {
                    await _signal.WaitAsync(_stopping.Token).ConfigureAwait(false);
                    Volatile.Write(ref _isSignalled, 0);
                    await ActAsync().ConfigureAwait(false);
                }
                else
                {
                    await Task.Delay(Pause, _time, _stopping.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
        }

        _ = await TryStepAsync(Step(SeatStepKind.Leave, [])).ConfigureAwait(false);
        _stopping.Dispose();
        _signal.Dispose();
    }

    /// <returns>False when the store is out of reach.</returns>
    private async Task<bool> JoinAsync()
    {
        // A look first: as long as it fails, the queue decides without being held up.
        if (_queue.IsAway && await TryStepAsync(Step(SeatStepKind.Look, [])).ConfigureAwait(false) is null)
        {
            return false;
        }

        var (held, caps) = _queue.Announce(this);
        _mustJoin = false;
        var step = new SeatStep { Kind = SeatStepKind.Join, Node = _node, Epoch = _epoch, Lease = _lease, Caps = caps, Actions = held };
        var reply = await TryStepAsync(step).ConfigureAwait(false);
        switch (reply?.Status)
        {
            case SeatStepStatus.Done:
                (_epoch, _sequence) = (reply.Epoch, 0);
                await TakeAsync(reply, []).ConfigureAwait(false);
                Signal();
                return true;
            case SeatStepStatus.Over:
                EndTenure();
                return await JoinAsync().ConfigureAwait(false);
            default:
                _mustJoin = true;
                return false;
        }
    }

    private async Task ActAsync()
    {
        while (!_mustJoin && Take_Locked() is { } step)
        {
            var reply = await TryStepAsync(step).ConfigureAwait(false);
            while (reply is null && !_queue.IsAway && !_mustJoin)
            {
                await Task.Delay(Pause, _time, _stopping.Token).ConfigureAwait(false);
                reply = await TryStepAsync(step).ConfigureAwait(false);
            }

            switch (reply?.Status)
            {
                case SeatStepStatus.Done:
                    await TakeAsync(reply, _sent).ConfigureAwait(false);
                    break;
                case SeatStepStatus.Over:
                    EndTenure();
                    break;
                default:
                    _mustJoin = true;
                    break;
            }
        }
    }

    private async ValueTask TakeAsync(SeatReply reply, List<(SeatAction Action, SeatAsk? Ask)> sent)
    {
        await _telling.RunAsync(_queue.Take(this, reply, sent)).ConfigureAwait(false);
        _queue.Told();
    }

    private SeatStep? Take_Locked()
    {
        lock (_queue.Gate)
        {
            _sent.Clear();
            var isBeatDue = Interlocked.Exchange(ref _isBeatDue, 0) == 1;
            if (isBeatDue)
            {
                Locate_NeedsLock();
            }

            if (_next.Count > MostActions)
            {
                _sent.AddRange(_next[..MostActions]);
                _next.RemoveRange(0, MostActions);
            }
            else
            {
                (_next, _sent) = (_sent, _next);
            }

            // Who has gone before it was asked for is not asked for.
            _ = _sent.RemoveAll(static item => item is { Action.Kind: SeatActionKind.Enter, Ask.Waiter: null });
            if (_sent.Count == 0 && !isBeatDue && _caps is null)
            {
                return null;
            }

            _sequence++;
            var step = Step(SeatStepKind.Act, _sent.ConvertAll(static item => item.Action), _caps);
            _caps = null;
            return step;
        }
    }

    private void Locate_NeedsLock()
    {
        for (var i = Math.Min(_located.Count, MostLocated); i > 0; i--)
        {
            var ask = _located.Dequeue();
            if (ask.Waiter is not null && Standing.ContainsKey(ask.Number))
            {
                _next.Add((ask.ToAction(SeatActionKind.Locate), ask));
            }
        }
    }

    private void EndTenure()
    {
        _subscription.Dispose();
        (_node, _epoch, _mustJoin) = (NewNode(), 0, true);
        _subscription = _store.Subscribe(_node, Beat);
        _queue.Forfeit();
    }

    private SeatStep Step(SeatStepKind kind, IReadOnlyList<SeatAction> actions, SeatCaps? caps = null) =>
        new() { Kind = kind, Node = _node, Epoch = _epoch, Sequence = _sequence, Lease = _lease, Caps = caps, Actions = actions };

    /// <returns>Null when the store is out of reach; when that has lasted for the queue's patience, it has taken over.</returns>
    private async Task<SeatReply?> TryStepAsync(SeatStep step)
    {
        var started = _time.GetTimestamp();
        try
        {
            // Not the token of the end: how the last step went must be known before the farewell.
            var reply = await _store.StepAsync(step, CancellationToken.None).ConfigureAwait(false);
            _failingSince = 0;
            return reply;
        }
#pragma warning disable CA1031 // Whatever a store throws, it does not answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failingSince = _failingSince == 0 ? started : _failingSince;
            _queue.Failed(this, failure, _time.GetElapsedTime(_failingSince));
            return null;
        }
    }
}
