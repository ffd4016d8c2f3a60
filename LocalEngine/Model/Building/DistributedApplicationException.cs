namespace Aspire.Hosting;

/// <summary>The stack cannot be what its description says. The message says why, for a person to read.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    public DistributedApplicationException(string message) : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}
