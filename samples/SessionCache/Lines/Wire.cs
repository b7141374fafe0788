namespace SessionCache;

/// <summary>Whether anything goes through.</summary>
internal sealed class Wire
{
    private volatile bool _isCut;

    public bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    public void Pass()
    {
        if (_isCut)
            throw new IOException("The line is cut.");
    }
}
