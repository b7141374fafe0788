namespace ScaleKit.Migration;

/// <summary>One at a time, first come, first served, without holding a thread. Thread-safe.</summary>
internal sealed class Turn(Action<Action> wake)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Signal> _waiting = [];
    private bool _taken;

    public bool TryEnter()
    {
        lock (_gate)
        {
            return !_taken && (_taken = true);
        }
    }

    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<Signal> place;
        lock (_gate)
        {
            if (!_taken)
            {
                _taken = true;
                return;
            }

            place = _waiting.AddLast(new Signal(wake));
        }

        try
        {
            await place.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            bool came;
            lock (_gate)
            {
                came = place.List is null;
                if (!came)
                {
                    _waiting.Remove(place);
                }
            }

            if (came)
            {
                // The turn came at the moment of the cancellation: it goes on to the next.
                Leave();
            }

            throw;
        }
    }

    public void Leave()
    {
        Signal? next;
        lock (_gate)
        {
            next = _waiting.First?.Value;
            if (next is null)
            {
                _taken = false;
                return;
            }

            _waiting.RemoveFirst();
        }

        next.Set();
    }
}
