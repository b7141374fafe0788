namespace ScaleKit.Redis;

/// <summary>Acquisitions to use again, a bounded number. Thread-safe.</summary>
internal sealed class AcquisitionPool
{
    private const int Most = 1024;
    private readonly Lock _gate = new();
    private readonly Stack<Acquisition> _free = new(64);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _free.Count;
            }
        }
    }

    public Acquisition Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out var acquisition))
            {
                return acquisition;
            }
        }

        return new Acquisition(this);
    }

    public void Return(Acquisition acquisition)
    {
        lock (_gate)
        {
            if (_free.Count < Most)
            {
                _free.Push(acquisition);
            }
        }
    }
}
