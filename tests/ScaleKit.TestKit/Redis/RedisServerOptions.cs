namespace ScaleKit.TestKit;

/// <summary>How a <see cref="RedisServer"/> is started.</summary>
public sealed class RedisServerOptions
{
    /// <summary>True writes every change to disk before it is answered (append-only file, fsync always), so that a killed server comes back with its data.</summary>
    /// <value>The default is <see langword="false"/>: a killed server comes back empty.</value>
    public bool Persistent { get; set; }

    /// <summary>The password of the default user.</summary>
    /// <value>The default is <see langword="null"/>: none.</value>
    public string? Password { get; set; }

    /// <summary>ACL users, each as in <c>redis.conf</c> without the word user: <c>app on >secret ~app:* &amp;app:* +@all</c>.</summary>
    /// <value>The default is none.</value>
    public IList<string> AclUsers { get; } = [];

    /// <summary>Further lines of <c>redis.conf</c>.</summary>
    /// <value>The default is none.</value>
    public IList<string> ConfigurationLines { get; } = [];
}
