namespace ChatRooms;

/// <summary>Counts the open sockets and refuses more than the process can carry.</summary>
internal sealed class ConnectionRegistry
{
    public const int Maximum = 10_000;

    private int _open;

    public int Open => Volatile.Read(ref _open);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= Maximum)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _open);
}
